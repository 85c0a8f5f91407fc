package io.dropserver.sandbox.local;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.isolation.PooledLauncher;
import io.dropserver.state.condition.SandboxReason;
import java.io.IOException;

/**
 * A sandbox whose user, cgroup, namespaces and mounts exist, and that waits at its gate before it
 * runs the app. It has not run any code of the app.
 *
 * @param process ends with the server
 * @param socket reports the app's socket
 */
record WaitingSandbox(
    SandboxStart start,
    PooledLauncher shell,
    Process process,
    Gate gate,
    SocketWatch.FileCreation socket)
    implements AutoCloseable {

  boolean isAlive() {
    return process.isAlive();
  }

  /**
   * Runs the app, and blocks until it accepts connections.
   *
   * @throws SandboxException when it does not; then nothing is left of the sandbox
   */
  LocalSandbox run() {
    try {
      return start.runWaiting(this);
    } finally {
      closeGate();
    }
  }

  /** Kills the sandbox and removes its resources. Blocks until no process is left. */
  @Override
  public void close() {
    try {
      start.remove();
    } finally {
      closeGate();
    }
  }

  private void closeGate() {
    socket.close();
    try {
      gate.close();
    } catch (IOException e) {
      throw new SandboxException(SandboxReason.LAUNCH_FAILED, "cannot close a gate: " + e, e);
    }
  }
}
