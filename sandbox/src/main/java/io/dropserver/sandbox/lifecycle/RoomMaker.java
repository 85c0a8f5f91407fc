package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.lifecycle.PlaceQueue.Eviction;
import io.dropserver.sandbox.lifecycle.PlaceQueue.Holder;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Lets sandboxes give up their places and their memory. Thread-safe. Its methods block until a
 * sandbox is asleep or has stopped, so their caller holds no lock of an appspace.
 */
final class RoomMaker {
  private final Map<String, AppspaceSandbox> appspaces;
  private final WaitingStarts waitingStarts;

  /**
   * @param appspaces all appspaces by name, a map for concurrent use
   */
  RoomMaker(Map<String, AppspaceSandbox> appspaces, WaitingStarts waitingStarts) {
    this.appspaces = appspaces;
    this.waitingStarts = waitingStarts;
  }

  /** Returns the sandboxes that can fall asleep or stop now, whether they are in use or not. */
  List<Holder> holders() {
    return appspaces.values().stream().flatMap(each -> each.idle().holder().stream()).toList();
  }

  /** Carries out an eviction, unless the sandbox is in use again. */
  void carryOut(Eviction eviction) {
    Optional.ofNullable(appspaces.get(eviction.appspace()))
        .ifPresent(each -> each.idle().giveUp(eviction));
  }

  /** Discards all waiting sandboxes, and stops the sandbox that has been asleep longest. */
  void releaseMemory() {
    var _ = waitingStarts.discardAll();
    var _ =
        appspaces.values().stream()
            .filter(AppspaceSandbox::isAsleep)
            .map(AppspaceSandbox::idle)
            .sorted(Comparator.comparing(IdlePolicy::lastUse))
            .anyMatch(IdlePolicy::stopIfAsleep);
  }
}
