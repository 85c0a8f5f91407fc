package io.dropserver.sandbox.isolation;

import io.dropserver.sandbox.SandboxException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A shell that waits inside its cgroup, and usually inside a network namespace of its own, to
 * become a sandbox. It has not run any code of an appspace, and ends with the server.
 *
 * <p>Thread-safe.
 */
public final class PooledLauncher implements AutoCloseable {
  /** A killed process ends immediately, unless the machine is overloaded. */
  private static final int END_SECONDS = 5;

  private final Launcher launcher;
  private final Process process;
  private final Optional<Cgroup> cgroup;
  private final boolean ownNetwork;
  private final AtomicBoolean used = new AtomicBoolean();

  /**
   * @param ownNetwork whether the shell is in a network namespace of its own
   */
  PooledLauncher(Launcher launcher, Process process, Optional<Cgroup> cgroup, boolean ownNetwork) {
    this.launcher = launcher;
    this.process = process;
    this.cgroup = cgroup;
    this.ownNetwork = ownNetwork;
  }

  public Optional<Cgroup> cgroup() {
    return cgroup;
  }

  long pid() {
    return process.pid();
  }

  /** Closes the standard input, as the kernel does when the server dies. */
  void endInput() throws IOException {
    process.getOutputStream().close();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /**
   * Starts the sandbox without waiting for it. The standard input of the process is empty; the
   * caller must read both outputs.
   *
   * @param confinement must use this shell's cgroup
   * @throws SandboxException when it may not be started; in this case the shell has ended
   */
  public Process launch(Confinement confinement) {
    try {
      return execute(launcher.launchCommand(confinement, ownNetwork));
    } catch (SandboxException refused) {
      close();
      throw refused;
    }
  }

  /**
   * Sends SIGTERM to the app in gVisor, after this shell has been replaced by gVisor. Does not
   * wait.
   *
   * @throws SandboxException when the process that sends the signal cannot be started
   */
  public void terminateInGvisor(Confinement confinement) {
    launcher.terminate(confinement, confinement.gvisor().orElseThrow());
  }

  Process execute(LaunchCommand line) {
    if (!used.compareAndSet(false, true)) {
      throw new IllegalStateException("an idle launcher can become only one sandbox");
    }
    // A single write: if the server is killed, the shell has received either everything or nothing.
    try (OutputStream input = process.getOutputStream()) {
      input.write(line.bytes());
    } catch (IOException endedAlready) {
      // The exit status and error output of the process contain the reason.
    }
    return process;
  }

  /**
   * Kills the shell, removes its cgroup, and waits for the shell's end for at most {@link
   * #END_SECONDS}. Does nothing after a launch, because both then belong to the sandbox.
   */
  @Override
  public void close() {
    if (used.compareAndSet(false, true)) {
      process.destroyForcibly();
      cgroup.ifPresent(Cgroup::close);
      process.onExit().completeOnTimeout(process, END_SECONDS, TimeUnit.SECONDS).join();
    }
  }
}
