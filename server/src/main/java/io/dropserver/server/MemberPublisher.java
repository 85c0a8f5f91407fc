package io.dropserver.server;

import io.dropserver.base.concurrent.WakeableLoop;
import io.dropserver.state.site.SiteTable;
import io.dropserver.web.identity.ClaimedGroups;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Publishes host tables with the members of groups, and again when a log-in or the end of its hour
 * changes them. Thread-safe.
 */
final class MemberPublisher implements AutoCloseable {
  /**
   * The longest pause between two looks at the clock. It is short, because a clock can be set and a
   * machine can be suspended.
   */
  private static final Duration MAX_PAUSE = Duration.ofSeconds(10);

  private final ClaimedGroups claimedGroups;
  private final Consumer<SiteTable> target;
  private final Duration maxPause;
  private final WakeableLoop loop = new WakeableLoop("claimed-groups");

  /** The newest declared table. Guarded by this. */
  private Optional<SiteTable> declared = Optional.empty();

  MemberPublisher(ClaimedGroups claimedGroups, Consumer<SiteTable> target) {
    this(claimedGroups, target, MAX_PAUSE);
  }

  MemberPublisher(ClaimedGroups claimedGroups, Consumer<SiteTable> target, Duration maxPause) {
    this.claimedGroups = claimedGroups;
    this.target = target;
    this.maxPause = maxPause;
  }

  MemberPublisher start() {
    claimedGroups.onChange(
        () -> {
          republish();
          loop.wake();
        });
    loop.start(this::expire);
    return this;
  }

  /** Publishes a table. When this returns, it is in service. */
  synchronized void publish(SiteTable table) {
    declared = Optional.of(table);
    republish();
  }

  private synchronized void republish() {
    declared.map(claimedGroups::resolve).ifPresent(target);
  }

  private Duration expire() {
    boolean changed = true;
    try {
      changed = claimedGroups.expire();
    } finally {
      // Expired members also lose access when the expiry cannot be stored, as on a full disk.
      if (changed) {
        republish();
      }
    }
    return claimedGroups
        .untilExpiry()
        .map(rest -> rest.compareTo(maxPause) > 0 ? maxPause : rest)
        .orElse(WakeableLoop.FOREVER);
  }

  @Override
  public void close() {
    loop.close();
  }
}
