package io.dropserver.sandbox.isolation;

import io.dropserver.sandbox.SandboxException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A shell inside its cgroup, and mostly inside a network namespace of its own, that becomes one
 * sandbox when it is told which. It has run nothing of any appspace, and ends with the server.
 *
 * <p>Safe for use by several threads.
 */
public final class WaitingShell implements AutoCloseable {
  /** What is killed ends at once, unless the machine is out of breath. */
  private static final int END_SECONDS = 5;

  private final Launcher launcher;
  private final Process process;
  private final Optional<Cgroup> cgroup;
  private final boolean ownNetwork;
  private final AtomicBoolean used = new AtomicBoolean();

  /**
   * @param ownNetwork whether no other process is, or ever will be, in its network namespace
   */
  WaitingShell(Launcher launcher, Process process, Optional<Cgroup> cgroup, boolean ownNetwork) {
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

  /** What the kernel does when the server is gone. */
  void endInput() throws IOException {
    process.getOutputStream().close();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /**
   * Starts it and returns at once. Its standard input is empty; the caller reads both outputs.
   *
   * @param confinement in this shell's cgroup
   * @throws SandboxException when it may not be started; then the shell has ended
   */
  public Process launch(Confinement confinement) {
    try {
      return become(launcher.line(confinement, ownNetwork));
    } catch (SandboxException refused) {
      close();
      throw refused;
    }
  }

  /**
   * Sends SIGTERM to the app behind the second kernel that this shell became; returns at once.
   *
   * @throws SandboxException when nothing can be started to ask it
   */
  public void terminateInGvisor(Confinement confinement) {
    launcher.terminate(confinement, confinement.gvisor().orElseThrow());
  }

  Process become(LaunchLine line) {
    if (!used.compareAndSet(false, true)) {
      throw new IllegalStateException("a shell becomes one sandbox only");
    }
    // One write: a server that is killed has told all or nothing.
    try (OutputStream input = process.getOutputStream()) {
      input.write(line.bytes());
    } catch (IOException endedAlready) {
      // Its exit status and its error output say why.
    }
    return process;
  }

  /**
   * Ends it, and removes its cgroup, unless it was launched: then both are the sandbox's. It is
   * gone when this returns.
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
