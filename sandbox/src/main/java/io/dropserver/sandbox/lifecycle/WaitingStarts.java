package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.SandboxHost;
import io.dropserver.sandbox.SandboxSpec;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Keeps sandboxes waiting for the appspaces that are expected to start next: stopped ones, those
 * that were used last first. They give way to any sandbox that needs their memory. Thread-safe.
 */
final class WaitingStarts {
  /** The limit of one, as {@link Capacity} counts it. */
  static final long MEMORY_BYTES = 128L << 20;

  /** The part of the memory of all sandboxes that those that wait may take. */
  static final int SHARE = 8;

  private final SandboxHost host;
  private final Capacity capacity;
  private final int most;
  private final AtomicBoolean busy = new AtomicBoolean();

  /**
   * @param most the number of sandboxes that wait at one time
   */
  WaitingStarts(SandboxHost host, Capacity capacity, int most) {
    this.host = host;
    this.capacity = capacity;
    this.most = most;
  }

  /**
   * Starts a thread that discards sandboxes of which none is expected to start, and creates missing
   * ones. Does nothing while such a thread runs.
   */
  void refresh(Collection<AppspaceSandbox> appspaces) {
    if (most > 0 && busy.compareAndSet(false, true)) {
      var _ =
          Thread.ofVirtual()
              .name("sandbox-waiting")
              .start(
                  () -> {
                    try {
                      keep(next(appspaces));
                    } finally {
                      busy.set(false);
                    }
                  });
    }
  }

  private List<SandboxSpec> next(Collection<AppspaceSandbox> appspaces) {
    int room = capacity.roomForWaiting(MEMORY_BYTES);
    return appspaces.stream()
        .map(AppspaceSandbox::status)
        .filter(SandboxStatus::isExpectedToStart)
        .sorted(Comparator.comparing(SandboxStatus::lastUse).reversed())
        .flatMap(status -> status.spec().stream())
        .filter(host::canUseWaiting)
        .limit(Math.min(most, room))
        .toList();
  }

  /** Creates those that are missing. A sandbox that started meanwhile may need their memory. */
  void keep(List<SandboxSpec> next) {
    capacity.keepWaiting(next.size() * MEMORY_BYTES);
    capacity.keepWaiting(host.keepWaiting(next) * MEMORY_BYTES);
    discardIfNeeded();
  }

  /** Discards all if other sandboxes need their memory. */
  void discardIfNeeded() {
    if (capacity.needsWaiting()) {
      var _ = discardAll();
    }
  }

  /** Discards all. Returns whether that released memory. */
  boolean discardAll() {
    boolean any = capacity.keepWaiting(0);
    var _ = host.keepWaiting(List.of());
    return any;
  }
}
