package io.dropserver.sandbox.lifecycle;

import io.dropserver.base.concurrent.HeldLock;
import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.sandbox.LeaseCaller.Kind;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * The open leases of one run, and when the run was last used. Decides until when they keep the
 * place of the sandbox. Thread-safe. Its lock is taken after that of {@link SandboxState}.
 */
final class OpenLeases {
  /** How often a drain checks whether leases have kept their place for long enough. */
  private static final long CHECK_NANOS = Duration.ofMillis(50).toNanos();

  private final String appspace;
  private final InstantSource clock;
  private final VisitorTime visitorTime;
  private final Runnable onClose;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition closed = lock.newCondition();

  // guarded by lock, as are all fields below: the open leases by number
  private final Map<Long, OpenLease> open = new HashMap<>();

  /** When the sandbox started or woke up. */
  private Instant begun;

  private long last;
  private Instant lastUse;

  private record OpenLease(LeaseCaller caller, Instant since) {}

  /**
   * @param onClose is called without the lock after a lease was closed
   */
  OpenLeases(String appspace, InstantSource clock, VisitorTime visitorTime, Runnable onClose) {
    this.appspace = appspace;
    this.clock = clock;
    this.visitorTime = visitorTime;
    this.onClose = onClose;
    this.lastUse = clock.instant();
    this.begun = lastUse;
  }

  /** Opens a lease, and returns its number. */
  long open(LeaseCaller caller) {
    try (var _ = new HeldLock(lock)) {
      Instant now = clock.instant();
      last++;
      open.put(last, new OpenLease(caller, now));
      if (caller.kind() == Kind.VISITOR) {
        visitorTime.begin(appspace, caller.client(), now);
      }
      return last;
    }
  }

  /** Closes a lease. A lease that is already closed is ignored. */
  void close(long number) {
    try (var _ = new HeldLock(lock)) {
      OpenLease ended = open.remove(number);
      if (ended == null) {
        return;
      }
      lastUse = clock.instant();
      if (ended.caller().kind() == Kind.VISITOR) {
        visitorTime.end(appspace, ended.caller().client(), lastUse);
      }
      closed.signalAll();
    }
    onClose.run();
  }

  /**
   * Returns whether an open lease keeps the place of the sandbox. A lease does so for a time that
   * {@link PlaceTimes} defines. A lease that was opened after the other appspace began to wait does
   * not prolong the time of the place, which began when the sandbox started or woke up. So new
   * leases cannot keep a place from an appspace that already waits.
   *
   * @param waiting the kind of caller that waits for a place
   * @param since when it began to wait
   */
  boolean isKept(Kind waiting, Instant since) {
    return isAnyOpen(
        each -> isKept(each, each.since().isAfter(since) ? begun : each.since(), waiting));
  }

  /** Requires the lock. */
  private boolean isKept(OpenLease lease, Instant from, Kind waiting) {
    Instant now = clock.instant();
    boolean hasAllowance =
        lease.caller().kind() != Kind.VISITOR
            || visitorTime.hasAllowance(appspace, lease.caller().client(), now);
    Instant later = from.isBefore(begun) ? begun : from;
    return now.isBefore(later.plus(PlaceTimes.kept(lease.caller().kind(), waiting, hasAllowance)));
  }

  private boolean isAnyOpen(Predicate<OpenLease> predicate) {
    try (var _ = new HeldLock(lock)) {
      return open.values().stream().anyMatch(predicate);
    }
  }

  /** Returns the caller with the highest precedence that has an open lease. */
  Optional<LeaseCaller> foremost() {
    try (var _ = new HeldLock(lock)) {
      return open.values().stream()
          .map(OpenLease::caller)
          .min(Comparator.comparing(LeaseCaller::kind));
    }
  }

  /** Counts this moment as use, so that the idle timeout begins now. */
  void touch() {
    try (var _ = new HeldLock(lock)) {
      lastUse = clock.instant();
    }
  }

  /** The sandbox woke up in a place that it keeps from now on. */
  void wokeUp() {
    try (var _ = new HeldLock(lock)) {
      lastUse = clock.instant();
      begun = lastUse;
    }
  }

  Instant lastUse() {
    try (var _ = new HeldLock(lock)) {
      return lastUse;
    }
  }

  boolean isUsed() {
    return isAnyOpen(_ -> true);
  }

  /** Returns whether no lease is open, and the last use was that long ago. */
  boolean isUnusedFor(Duration idle) {
    try (var _ = new HeldLock(lock)) {
      return open.isEmpty() && Duration.between(lastUse, clock.instant()).compareTo(idle) >= 0;
    }
  }

  /** Waits until all leases are closed. */
  void awaitClosed(Duration timeout) throws InterruptedException {
    awaitNone(_ -> true, timeout);
  }

  /**
   * Waits until all leases are closed or have had the time for which they keep a place. So requests
   * that began shortly before can end, and endless ones delay nothing.
   */
  void awaitKeptTime(Duration timeout) throws InterruptedException {
    awaitNone(each -> isKept(each, each.since(), Kind.MEMBER), timeout);
  }

  private void awaitNone(Predicate<OpenLease> predicate, Duration timeout)
      throws InterruptedException {
    try (var _ = new HeldLock(lock)) {
      long end = System.nanoTime() + timeout.toNanos();
      long left = timeout.toNanos();
      while (left > 0 && open.values().stream().anyMatch(predicate)) {
        var _ = closed.awaitNanos(Math.min(left, CHECK_NANOS));
        left = end - System.nanoTime();
      }
    }
  }
}
