package io.dropserver.base.linux;

import static io.dropserver.base.linux.CLibrary.INT;

import java.lang.invoke.MethodHandle;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Sends signals to processes, kill(2) and signal(7). Processes that have ended are skipped. */
public final class Signals {
  private static final int SIGCONT = 18;
  private static final int SIGSTOP = 19;

  /** Bounds {@link #killTree} where processes end and fork without end. */
  private static final int MAX_ROUNDS = 8;

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
   * Kills a process and all that it has started, directly or not. Stops each before it lists the
   * next ones, so that they create no further process. Processes that replace each other faster are
   * not all found; a pid namespace ends those.
   *
   * @return the killed processes
   */
  public static Set<ProcessHandle> killTree(ProcessHandle root) {
    Set<ProcessHandle> tree = new LinkedHashSet<>();
    List<ProcessHandle> found = root.isAlive() ? List.of(root) : List.of();
    for (int round = 0; round < MAX_ROUNDS && tree.addAll(found); round++) {
      found.forEach(process -> stop(process.pid()));
      found = root.descendants().toList();
    }
    tree.forEach(ProcessHandle::destroyForcibly);
    return tree;
  }
}
