package io.dropserver.sandbox.lifecycle;

import io.dropserver.schema.concurrent.HeldLock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * Counts the open leases of one run, and records when the run was last used. Thread-safe. Its lock
 * is taken after that of {@link SandboxState}.
 */
final class OpenLeases {
  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition closed = lock.newCondition();

  // guarded by lock, as are all fields below: when each open lease yields the place, by its number
  private final Map<Long, Instant> open = new HashMap<>();
  private long last;
  private Instant lastUse;

  /** Since when there is a lease that yields. Leases that overlap keep the place no longer. */
  private Instant yieldingSince;

  OpenLeases(InstantSource clock) {
    this.clock = clock;
    this.lastUse = clock.instant();
    this.yieldingSince = lastUse;
  }

  /** Opens a lease that keeps the place of the sandbox, and returns its number. */
  long open() {
    try (var _ = new HeldLock(lock)) {
      last++;
      open.put(last, Instant.MAX);
      return last;
    }
  }

  /** Closes a lease. A lease that is already closed is ignored. */
  void close(long number) {
    try (var _ = new HeldLock(lock)) {
      if (open.remove(number) != null) {
        lastUse = clock.instant();
        closed.signalAll();
      }
    }
  }

  /** See {@link RunLease#yieldPlaceAfter}. */
  void yieldPlaceAfter(long number, Duration kept) {
    try (var _ = new HeldLock(lock)) {
      if (open.values().stream().allMatch(Instant.MAX::equals)) {
        yieldingSince = clock.instant();
      }
      open.replace(number, yieldingSince.plus(kept));
    }
  }

  /** Returns whether a lease is open, and all open leases yield the place. */
  boolean isYielding() {
    try (var _ = new HeldLock(lock)) {
      return !open.isEmpty() && !isPlaceKept();
    }
  }

  /** Requires the lock. */
  private boolean isPlaceKept() {
    Instant now = clock.instant();
    return open.values().stream().anyMatch(now::isBefore);
  }

  /** Counts this moment as use, so that the idle timeout begins now. */
  void touch() {
    try (var _ = new HeldLock(lock)) {
      lastUse = clock.instant();
    }
  }

  Instant lastUse() {
    try (var _ = new HeldLock(lock)) {
      return lastUse;
    }
  }

  /** Returns when the run was last used; empty while a lease keeps the place. */
  Optional<Instant> idleSince() {
    try (var _ = new HeldLock(lock)) {
      return isPlaceKept() ? Optional.empty() : Optional.of(used());
    }
  }

  /** Returns whether no lease keeps the place, and the last use was that long ago. */
  boolean isUnusedFor(Duration idle) {
    try (var _ = new HeldLock(lock)) {
      return !isPlaceKept() && Duration.between(used(), clock.instant()).compareTo(idle) >= 0;
    }
  }

  /**
   * Returns the last use, which a lease prolongs until it yields the place. Otherwise a sandbox
   * could count as unused for long at that moment. Requires the lock and no kept place.
   */
  private Instant used() {
    return Stream.concat(Stream.of(lastUse), open.values().stream())
        .max(Comparator.naturalOrder())
        .orElse(lastUse);
  }

  /** Waits until all leases are closed, those that yield the place included. */
  void awaitClosed(Duration timeout) throws InterruptedException {
    try (var _ = new HeldLock(lock)) {
      long left = timeout.toNanos();
      while (!open.isEmpty() && left > 0) {
        left = closed.awaitNanos(left);
      }
    }
  }
}
