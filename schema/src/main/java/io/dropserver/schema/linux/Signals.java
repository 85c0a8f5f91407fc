package io.dropserver.schema.linux;

import static io.dropserver.schema.linux.CLibrary.INT;

import java.lang.invoke.MethodHandle;
import java.util.List;

/** Sends signals to processes, kill(2) and signal(7). Processes that have ended are skipped. */
public final class Signals {
  private static final int SIGCONT = 18;
  private static final int SIGSTOP = 19;
  private static final MethodHandle KILL = CLibrary.function("kill", INT, INT, INT);

  private Signals() {}

  public static void terminate(long pid) {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy);
  }

  /**
   * Sends SIGSTOP, which a process cannot catch. proc_pid_stat(5) shows when the process has
   * stopped.
   */
  public static void stop(long pid) {
    send(pid, SIGSTOP);
  }

  public static void resume(long pid) {
    send(pid, SIGCONT);
  }

  private static void send(long pid, int signal) {
    long _ = CLibrary.call((_, errno) -> (int) KILL.invokeExact(errno, (int) pid, signal));
  }

  public static void kill(long pid) {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
  }

  /**
   * Kills bubblewrap and all processes of its sandbox. A process of the sandbox that has not yet
   * called prctl(2) with PR_SET_PDEATHSIG would outlive bubblewrap. Stops bubblewrap first, so that
   * it creates no further process.
   */
  public static void killWithDescendants(ProcessHandle bubblewrap) {
    if (bubblewrap.isAlive()) {
      stop(bubblewrap.pid());
      List<ProcessHandle> descendants = bubblewrap.descendants().toList();
      bubblewrap.destroyForcibly();
      descendants.forEach(ProcessHandle::destroyForcibly);
    }
  }
}
