package io.dropserver.sandbox.egress.gateway;

import io.dropserver.sandbox.budget.Budget;
import io.dropserver.sandbox.budget.Descriptors;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Slots for the connections of all appspaces. A connection from an app takes one, which includes
 * its connection to a destination; an idle connection to a destination takes one. Thread-safe.
 */
final class Connections {
  /** Two sockets. */
  private static final int DESCRIPTORS = 2;

  /** Buffers of both sockets, TLS and two threads. */
  private static final long HEAP = 128 << 10;

  /** The part of the process's descriptors and heap that all slots together may take. */
  private static final int PART = 8;

  private static final int LEAST = 64;
  private static final long LOOK_AGAIN_MILLIS = 250;

  private final Budget<String> slots;
  private final Function<String, Optional<EgressAccount>> accounts;
  private final Object lock = new Object();
  private final AtomicLong changes = new AtomicLong(); // is changed only with the lock

  /**
   * @param accounts by the name of the appspace
   */
  Connections(long total, Function<String, Optional<EgressAccount>> accounts) {
    this.slots = new Budget<>(total, total);
    this.accounts = accounts;
  }

  /** As many slots as this process has descriptors and heap for. */
  static long ofThisProcess() {
    long byDescriptors = Descriptors.limit() / PART / DESCRIPTORS;
    long byHeap = Runtime.getRuntime().maxMemory() / PART / HEAP;
    return Math.max(LEAST, Math.min(byDescriptors, byHeap));
  }

  /**
   * Waits until the appspace can have one more. Meanwhile it closes what is idle, of this appspace
   * at its own bound, and at the total bound of the one that has most.
   *
   * @return empty once {@code ended}
   */
  Optional<Budget<String>.Claim> await(EgressAccount account, BooleanSupplier ended)
      throws InterruptedException {
    while (!ended.getAsBoolean()) {
      long seen = changes.get();
      Optional<Budget<String>.Claim> claim = tryTake(account);
      if (claim.isPresent()) {
        return claim;
      }
      makeRoom(account);
      synchronized (lock) {
        // A connection that has become idle meanwhile is no change, but can be closed.
        if (changes.get() == seen) {
          lock.wait(LOOK_AGAIN_MILLIS);
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
    changed();
  }

  /** Lets those that wait look again. */
  void changed() {
    synchronized (lock) {
      changes.incrementAndGet();
      lock.notifyAll();
    }
  }

  /** All appspaces together, now. */
  long taken() {
    return slots.taken();
  }

  private void makeRoom(EgressAccount account) {
    boolean full = slots.refusal(account.appspace(), 1).isPresent();
    Optional<EgressAccount> largest = full ? slots.largest().flatMap(accounts) : Optional.empty();
    if (largest.isEmpty()) {
      account.closeLongestIdle();
      return;
    }
    // Without the difference of one, two appspaces would take each other's slots in turn.
    long most = slots.taken(largest.get().appspace());
    if (most > slots.taken(account.appspace()) + 1) {
      largest.get().closeOne();
    } else if (!largest.get().closeLongestIdle()) {
      account.closeLongestIdle();
    }
  }
}
