package io.dropserver.egress.gateway;

import io.dropserver.base.budget.Budget;
import io.dropserver.base.budget.FileDescriptorLimit;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Limits connections with slots that all appspaces share. A connection from an app takes one slot,
 * which includes its connection to a destination. An idle connection to a destination takes a
 * separate slot. Thread-safe.
 */
final class ConnectionSlots {
  /** The number of file descriptors that a slot may use: two sockets. */
  private static final int DESCRIPTORS_PER_SLOT = 2;

  /** The heap that a slot may use: buffers of both sockets, TLS and two threads. */
  private static final long HEAP_PER_SLOT = 128 << 10;

  /**
   * The divisor of the share that all slots together may use: an eighth of the process's
   * descriptors and heap.
   */
  private static final int SHARE_DIVISOR = 8;

  private static final int MIN_SLOTS = 64;
  private static final long RECHECK_MILLIS = 250;

  private final Budget<String> slots;
  private final Function<String, Optional<EgressAccount>> accounts;
  private final Object lock = new Object();
  private final AtomicLong changes = new AtomicLong(); // modified only while holding the lock

  /**
   * @param accounts finds an account by the name of its appspace
   */
  ConnectionSlots(long total, Function<String, Optional<EgressAccount>> accounts) {
    this.slots = new Budget<>(total, total);
    this.accounts = accounts;
  }

  /** Returns the number of slots for which this process has enough descriptors and heap. */
  static long ofThisProcess() {
    long byDescriptors = FileDescriptorLimit.limit() / SHARE_DIVISOR / DESCRIPTORS_PER_SLOT;
    long byHeap = Runtime.getRuntime().maxMemory() / SHARE_DIVISOR / HEAP_PER_SLOT;
    return Math.max(MIN_SLOTS, Math.min(byDescriptors, byHeap));
  }

  /**
   * Blocks until the appspace gets another slot, and closes connections to make room. At the
   * appspace's own limit, closes one of its idle connections. At the total limit, closes a
   * connection of the appspace with the most slots: an idle one, or an active one if that appspace
   * has at least two slots more than this one.
   *
   * @return empty once {@code ended} returns true
   */
  Optional<Budget<String>.Claim> awaitSlot(EgressAccount account, BooleanSupplier ended)
      throws InterruptedException {
    while (!ended.getAsBoolean()) {
      long seen = changes.get();
      Optional<Budget<String>.Claim> claim = tryTake(account);
      if (claim.isPresent()) {
        return claim;
      }
      makeRoom(account);
      synchronized (lock) {
        // The wait has a timeout because a connection that becomes idle is not signalled as a
        // change, but can be closed.
        if (changes.get() == seen) {
          lock.wait(RECHECK_MILLIS);
        }
      }
    }
    return Optional.empty();
  }

  Optional<Budget<String>.Claim> tryTake(EgressAccount account) {
    return slots.claim(account.appspace(), 1, account.maxConnections());
  }

  void release(Budget<String>.Claim claim) {
    claim.close();
    signalChange();
  }

  /** Wakes the threads that wait in {@link #awaitSlot}. */
  void signalChange() {
    synchronized (lock) {
      changes.incrementAndGet();
      lock.notifyAll();
    }
  }

  private void makeRoom(EgressAccount account) {
    boolean full = slots.refusal(account.appspace(), 1).isPresent();
    Optional<EgressAccount> largest = full ? slots.largest().flatMap(accounts) : Optional.empty();
    if (largest.isEmpty()) {
      account.closeLongestIdle();
      return;
    }
    // A difference of one slot is not enough. Otherwise two appspaces would keep taking slots from
    // each other.
    long most = slots.taken(largest.get().appspace());
    if (most > slots.taken(account.appspace()) + 1) {
      largest.get().closeOne();
    } else if (!largest.get().closeLongestIdle()) {
      account.closeLongestIdle();
    }
  }
}
