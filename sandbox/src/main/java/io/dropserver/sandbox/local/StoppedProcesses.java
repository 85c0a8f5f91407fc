package io.dropserver.sandbox.local;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.linux.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A process with all that it started, stopped by signals: what a frozen cgroup is on a machine
 * without cgroups. A stop signal cannot be caught, and whoever is stopped lets nobody carry on.
 */
final class StoppedProcesses {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final long POLL_NANOS = 500_000;

  private StoppedProcesses() {}

  /** Returns when none of them runs. */
  static void stop(ProcessHandle first) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    // A process that forks while it is signalled leaves one more: so until all are stopped.
    while (true) {
      List<Long> running = tree(first).filter(pid -> !isStopped(pid)).toList();
      if (running.isEmpty()) {
        return;
      }
      running.forEach(Signals::stop);
      if (System.nanoTime() > deadline) {
        carryOn(first);
        throw new SandboxException(
            "FreezeFailed", "its processes did not stop within " + PATIENCE.toSeconds() + " s");
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  static void carryOn(ProcessHandle first) {
    tree(first).forEach(Signals::resume);
  }

  private static Stream<Long> tree(ProcessHandle first) {
    return Stream.concat(Stream.of(first), first.descendants()).map(ProcessHandle::pid);
  }

  /** Or ended. The name in brackets may hold anything, so the state is looked for behind it. */
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
