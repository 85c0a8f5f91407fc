package io.dropserver.reconciler.converge;

import io.dropserver.base.concurrent.HeldLock;
import io.dropserver.base.concurrent.Timers;
import io.dropserver.base.concurrent.Timers.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * A work queue by key, with the semantics of client-go's workqueue. Each key has at most one
 * running attempt, and any number of keys run concurrently. If a key is added during its attempt,
 * another attempt follows. A failed key is retried with growing delays; adding the key skips the
 * delay, and a success resets it. Keys that are added before {@link #start} wait for it.
 * Thread-safe.
 *
 * @param <K> type of the keys
 */
class WorkQueue<K> implements AutoCloseable {
  private final Backoff backoff;
  private final Timers timers;

  /** Guards all fields below. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Condition idle = lock.newCondition();
  private final Map<K, Slot> slots = new HashMap<>();
  private volatile Optional<Function<K, ReconcileResult>> work = Optional.empty();
  private int running;
  private boolean closed;

  private static final class Slot {
    boolean running;
    int failures;
    Optional<Timer> retry = Optional.empty();

    /**
     * Futures of the calls that added the key since the last attempt began. The next attempt
     * completes them.
     */
    List<CompletableFuture<Void>> waiting = new ArrayList<>();
  }

  WorkQueue(Backoff backoff, Timers timers) {
    this.backoff = backoff;
    this.timers = timers;
  }

  /**
   * Starts attempts at all keys that were or will be added.
   *
   * @param attempt makes one attempt on a virtual thread; must not throw
   */
  void start(Function<K, ReconcileResult> attempt) {
    try (var _ = new HeldLock(lock)) {
      work = Optional.of(attempt);
      slots.forEach(this::start);
    }
  }

  /**
   * Starts an attempt at the key now, or immediately after the running attempt.
   *
   * @return completes after an attempt that began after this call, whatever its result, or when the
   *     queue is closed
   */
  CompletableFuture<Void> add(K key) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    try (var _ = new HeldLock(lock)) {
      if (closed) {
        done.complete(null);
        return done;
      }
      Slot slot = slots.computeIfAbsent(key, absent -> new Slot());
      slot.waiting.add(done);
      if (!slot.running && work.isPresent()) {
        start(key, slot);
      }
    }
    return done;
  }

  /** Returns the keys whose last attempt failed. */
  List<K> failed() {
    try (var _ = new HeldLock(lock)) {
      return slots.entrySet().stream()
          .filter(entry -> entry.getValue().failures > 0)
          .map(Map.Entry::getKey)
          .toList();
    }
  }

  /** Returns whether an attempt at the key is running. */
  public boolean isInProgress(K key) {
    try (var _ = new HeldLock(lock)) {
      Slot slot = slots.get(key);
      return slot != null && slot.running;
    }
  }

  /** Starts no further attempts and blocks until the running ones have ended. */
  @Override
  public void close() {
    try (var _ = new HeldLock(lock)) {
      closed = true;
      for (Slot slot : slots.values()) {
        slot.retry.ifPresent(Timer::cancel);
        if (!slot.running) {
          slot.waiting.forEach(done -> done.complete(null));
        }
      }
      while (running > 0) {
        idle.awaitUninterruptibly();
      }
    }
  }

  /** Schedules a retry of a failed key. The caller holds the lock. */
  private void retryAfter(Duration wait, K key, Slot slot) {
    slot.retry =
        Optional.of(
            timers.after(
                wait,
                () -> {
                  var _ = add(key);
                }));
  }

  /** Starts an attempt at a key. The caller holds the lock. */
  private void start(K key, Slot slot) {
    slot.retry.ifPresent(Timer::cancel);
    slot.retry = Optional.empty();
    slot.running = true;
    running++;
    List<CompletableFuture<Void>> served = slot.waiting;
    slot.waiting = new ArrayList<>();
    Thread.ofVirtual().name("converge-" + key).start(() -> attempt(key, slot, served));
  }

  private void attempt(K key, Slot slot, List<CompletableFuture<Void>> served) {
    ReconcileResult result = ReconcileResult.FAILED;
    try {
      result = work.orElseThrow().apply(key);
    } finally {
      finishAttempt(key, slot, result);
      served.forEach(done -> done.complete(null));
      signalIdle();
    }
  }

  /**
   * Must be the last step of an attempt, so that {@link #close} returns only after all futures have
   * completed.
   */
  private void signalIdle() {
    try (var _ = new HeldLock(lock)) {
      running--;
      idle.signalAll();
    }
  }

  private void finishAttempt(K key, Slot slot, ReconcileResult result) {
    try (var _ = new HeldLock(lock)) {
      slot.running = false;
      slot.failures = result == ReconcileResult.DONE ? 0 : slot.failures + 1;
      if (closed) {
        slot.waiting.forEach(done -> done.complete(null));
      } else if (!slot.waiting.isEmpty()) {
        start(key, slot);
      } else {
        switch (result) {
          case DONE -> slots.remove(key);
          case FAILED -> retryAfter(backoff.after(slot.failures), key, slot);
          case STUCK -> retryAfter(backoff.longest(), key, slot);
        }
      }
    }
  }
}
