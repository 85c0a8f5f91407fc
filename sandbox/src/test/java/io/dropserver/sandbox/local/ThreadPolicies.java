package io.dropserver.sandbox.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;

/** How the kernel schedules threads, sched(7). */
final class ThreadPolicies {
  /** What {@code bin/dropserver} starts the server in. */
  static final int BATCH = 3;

  private ThreadPolicies() {}

  /**
   * @param threads their numbers, gettid(2)
   * @return of those that have not ended
   */
  static Set<Integer> of(Collection<Integer> threads) {
    Set<Integer> policies = new TreeSet<>();
    for (int thread : threads) {
      try {
        policies.add(policy(Files.readString(Path.of("/proc", thread + "", "stat"))));
      } catch (IOException ended) {
        // it has none
      }
    }
    return policies;
  }

  /** Field 41 of proc_pid_stat(5); the third follows the name. */
  private static int policy(String stat) {
    return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[41 - 3]);
  }
}
