package io.dropserver.sandbox.lifecycle;

import io.dropserver.schema.concurrent.HeldLock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Counts the open leases of one run, and records when the run was last used. Thread-safe. Its lock
 * is taken after that of {@link SandboxState}.
 */
final class OpenLeases {
  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition closed = lock.newCondition();

  // guarded by lock, as are all fields below: the numbers of the leases that keep the place
  private final Set<Long> keeping = new HashSet<>();

  /** The numbers of the leases that keep the place until {@link #keptUntil}. */
  private final Set<Long> yielding = new HashSet<>();

  /** Since when there is a lease that yields. Leases that overlap keep the place no longer. */
  private Instant yieldingSince;

  private Instant keptUntil;
  private long last;
  private Instant lastUse;

  OpenLeases(InstantSource clock) {
    this.clock = clock;
    this.lastUse = clock.instant();
    this.yieldingSince = lastUse;
    this.keptUntil = lastUse;
  }

  /** Opens a lease that keeps the place of the sandbox, and returns its number. */
  long open() {
    try (var _ = new HeldLock(lock)) {
      last++;
      keeping.add(last);
      return last;
    }
  }

  /** Closes a lease. A lease that is already closed is ignored. */
  void close(long number) {
    try (var _ = new HeldLock(lock)) {
      if (keeping.remove(number) || yielding.remove(number)) {
        lastUse = clock.instant();
        closed.signalAll();
      }
    }
  }

  /** See {@link RunLease#yieldPlaceAfter}. */
  void yieldPlaceAfter(long number, Duration kept) {
    try (var _ = new HeldLock(lock)) {
      if (!keeping.remove(number)) {
        return;
      }
      if (yielding.isEmpty()) {
        yieldingSince = clock.instant();
        keptUntil = yieldingSince;
      }
      yielding.add(number);
      Instant until = yieldingSince.plus(kept);
      if (until.isAfter(keptUntil)) {
        keptUntil = until;
      }
    }
  }

  /** Returns whether a lease is open, and all open leases yield the place. */
  boolean isYielding() {
    try (var _ = new HeldLock(lock)) {
      return !yielding.isEmpty() && !isPlaceKept();
    }
  }

  /** Requires the lock. */
  private boolean isPlaceKept() {
    return !keeping.isEmpty() || (!yielding.isEmpty() && clock.instant().isBefore(keptUntil));
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
    return !yielding.isEmpty() && keptUntil.isAfter(lastUse) ? keptUntil : lastUse;
  }

  /** Waits until all leases are closed, those that yield the place included. */
  void awaitClosed(Duration timeout) throws InterruptedException {
    try (var _ = new HeldLock(lock)) {
      long left = timeout.toNanos();
      while (!(keeping.isEmpty() && yielding.isEmpty()) && left > 0) {
        left = closed.awaitNanos(left);
      }
    }
  }
}
