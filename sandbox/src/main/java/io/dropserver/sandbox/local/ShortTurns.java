package io.dropserver.sandbox.local;

import io.dropserver.sandbox.isolation.Scheduling;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Has the threads of quiet sandboxes wait for each other, for the kernel's and for the server's
 * {@link ServerThreads} no longer than those do, while they share one processor. An app's threads
 * have what their maker has, so that one which is not quiet any more has to be looked through until
 * nothing new is found. Its share of the processor is its group's and never changes by this. Not
 * thread-safe.
 */
final class ShortTurns {
  /** Who begins threads faster than they are put back is looked through again at the next look. */
  private static final int PASSES = 10;

  private final int policy = Scheduling.policy();
  private final Set<LocalSandbox> given = new HashSet<>();

  /** Called again and again while it holds: an app begins threads at any time. */
  void give(LocalSandbox sandbox) {
    given.add(sandbox);
    for (int thread : sandbox.threads()) {
      Scheduling.turns(thread, Scheduling.USUAL, ServerThreads.SLICE);
    }
  }

  /** Called again and again while it does not: what is left at one look goes at the next. */
  void takeBack(LocalSandbox sandbox) {
    if (!given.contains(sandbox)) {
      return;
    }
    Set<Integer> seen = new HashSet<>();
    for (int pass = 0; pass < PASSES; pass++) {
      List<Integer> begun = sandbox.threads().stream().filter(seen::add).toList();
      if (begun.isEmpty()) {
        given.remove(sandbox);
        return;
      }
      begun.forEach(thread -> Scheduling.turns(thread, policy, Duration.ZERO));
    }
  }

  void keepOnly(Set<LocalSandbox> live) {
    given.retainAll(live);
  }
}
