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

  // guarded by lock, as are all fields below: the numbers of the leases that keep the sandbox awake
  private final Set<Long> keeping = new HashSet<>();

  /** The numbers of the leases that yield the place. */
  private final Set<Long> yielding = new HashSet<>();

  private long last;
  private Instant lastUse;

  OpenLeases(InstantSource clock) {
    this.clock = clock;
    this.lastUse = clock.instant();
  }

  /** Opens a lease that keeps the sandbox awake, and returns its number. */
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

  /** See {@link RunLease#yieldPlace}. */
  void yieldPlace(long number) {
    try (var _ = new HeldLock(lock)) {
      if (keeping.remove(number)) {
        yielding.add(number);
      }
    }
  }

  /** Returns whether a lease that yields its place is open. */
  boolean isYielding() {
    try (var _ = new HeldLock(lock)) {
      return !yielding.isEmpty();
    }
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

  /** Returns when the run was last used; empty while a lease keeps the sandbox awake. */
  Optional<Instant> idleSince() {
    try (var _ = new HeldLock(lock)) {
      return keeping.isEmpty() ? Optional.of(lastUse) : Optional.empty();
    }
  }

  /** Returns whether no lease keeps the sandbox awake, and the last use was that long ago. */
  boolean isUnusedFor(Duration idle) {
    try (var _ = new HeldLock(lock)) {
      return keeping.isEmpty() && Duration.between(lastUse, clock.instant()).compareTo(idle) >= 0;
    }
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
