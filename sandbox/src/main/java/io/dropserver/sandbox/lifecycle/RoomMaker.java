package io.dropserver.sandbox.lifecycle;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Chooses the sandbox that gives its place or its memory to another one. Thread-safe. Its methods
 * block until a sandbox is asleep or has stopped, so their caller holds no lock of an appspace.
 */
final class RoomMaker {
  private final Map<String, AppspaceSandbox> appspaces;
  private final Preparations preparations;

  /**
   * @param appspaces all appspaces by name, a map for concurrent use
   */
  RoomMaker(Map<String, AppspaceSandbox> appspaces, Preparations preparations) {
    this.appspaces = appspaces;
    this.preparations = preparations;
  }

  /**
   * Makes room for another sandbox: puts the sandbox to sleep that has been idle longest, or stops
   * the one that has been asleep longest. One that is never idle, or whose leases have all yielded
   * the place, follows only if there is no other. Returns false if all other sandboxes are in use.
   */
  boolean makeRoom(String exceptFor, Capacity.Shortage shortage) {
    List<Idle> idle =
        Idle.sorted(
            appspaces.entrySet().stream()
                .filter(entry -> !entry.getKey().equals(exceptFor))
                .map(Map.Entry::getValue));
    return switch (shortage) {
      case SANDBOXES ->
          idle.stream().anyMatch(each -> each.sandbox().idle().sleepIfIdleFor(Duration.ZERO))
              || idle.stream()
                  .filter(Idle::awake)
                  .anyMatch(each -> each.sandbox().idle().stopIfIdleFor(Duration.ZERO));
      case MEMORY ->
          preparations.discardAllBut(exceptFor)
              || idle.stream().anyMatch(each -> each.sandbox().idle().stopIfIdleFor(Duration.ZERO));
    };
  }

  /**
   * Discards all prepared starts, and stops the sandbox that has been asleep longest. One whose
   * memory is in swap follows only if there is no other, because its end frees little memory.
   */
  void releaseMemory() {
    var _ = preparations.discardAll();
    var _ =
        Idle.sorted(appspaces.values().stream().filter(AppspaceSandbox::isAsleep)).stream()
            .sorted(Comparator.comparing(each -> each.sandbox().idle().isSwapped()))
            .anyMatch(each -> each.sandbox().idle().stopIfIdleFor(Duration.ZERO));
  }

  /**
   * A sandbox that may give its place to another one.
   *
   * @param last whether it does so only if there is no other: it is never idle, or works
   */
  private record Idle(AppspaceSandbox sandbox, boolean awake, boolean last, Instant since) {
    static Idle of(AppspaceSandbox sandbox, Instant since) {
      boolean last =
          sandbox.idle().isYielding()
              || sandbox.declaredSpec().filter(spec -> spec.limits().isNeverIdle()).isPresent();
      return new Idle(sandbox, !sandbox.isAsleep(), last, since);
    }

    static List<Idle> sorted(Stream<AppspaceSandbox> sandboxes) {
      return sandboxes
          .flatMap(sandbox -> sandbox.idle().idleSince().map(since -> of(sandbox, since)).stream())
          .sorted(
              Comparator.comparing(Idle::awake)
                  .thenComparing(Idle::last)
                  .thenComparing(Idle::since))
          .toList();
    }
  }
}
