package io.dropserver.sandbox.local;

import io.dropserver.base.linux.Signals;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.SandboxReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Stops a process and all its descendants by signals, as a replacement for freezing on a machine
 * without cgroups. SIGSTOP cannot be caught, and a stopped process cannot resume another one.
 */
final class ProcessFreezer {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final long POLL_NANOS = 500_000;

  private ProcessFreezer() {}

  /** Stops the process and its descendants, and blocks until none of them runs. */
  static void stop(ProcessHandle first) {
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    // A process that forks before it is signalled leaves another running process. So repeat until
    // all are stopped.
    while (true) {
      List<Long> running = tree(first).filter(pid -> !isStopped(pid)).toList();
      if (running.isEmpty()) {
        return;
      }
      running.forEach(Signals::stop);
      if (System.nanoTime() > deadline) {
        resume(first);
        throw new SandboxException(
            SandboxReason.FREEZE_FAILED,
            "its processes did not stop within " + TIMEOUT.toSeconds() + " s");
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  static void resume(ProcessHandle first) {
    tree(first).forEach(Signals::resume);
  }

  private static Stream<Long> tree(ProcessHandle first) {
    return Stream.concat(Stream.of(first), first.descendants()).map(ProcessHandle::pid);
  }

  /**
   * Returns whether a process is stopped; also true if it has ended. In proc_pid_stat(5), the name
   * in brackets may contain any character, so the state is read after the last bracket.
   */
  private static boolean isStopped(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      char state = stat.charAt(stat.lastIndexOf(')') + 2);
      return state == 'T' || state == 'Z' || state == 'X';
    } catch (IOException ended) {
      return true;
    }
  }
}
