package io.dropserver.reconciler.converge;

import io.dropserver.reconciler.converge.Timers.Timer;
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
 * Work by key with the semantics of client-go's queue: one attempt at a time for a key, any number
 * of keys at once; a key that is added while it is worked on is worked on again; a failed one waits
 * longer each time, a new event does not wait, and a success starts the count anew.
 *
 * @param <K> names what is worked on
 */
final class WorkQueue<K> implements AutoCloseable {
  private final Function<K, Attempt> work;
  private final Backoff backoff;
  private final Timers timers;

  /** Guards all below. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Condition idle = lock.newCondition();
  private final Map<K, Slot> slots = new HashMap<>();
  private int running;
  private boolean closed;

  private static final class Slot {
    boolean running;
    int failures;
    Optional<Timer> retry = Optional.empty();

    /** Of those who added the key; an attempt that begins takes them over. */
    List<CompletableFuture<Void>> waiting = new ArrayList<>();
  }

  /**
   * @param work one attempt, on a virtual thread; it throws nothing
   */
  WorkQueue(Function<K, Attempt> work, Backoff backoff, Timers timers) {
    this.work = work;
    this.backoff = backoff;
    this.timers = timers;
  }

  /**
   * Works on the key at once, or once more as soon as the attempt that runs has ended.
   *
   * @return completes after an attempt that began after this call, whatever came of it
   */
  CompletableFuture<Void> add(K key) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    lock.lock();
    try {
      if (closed) {
        done.complete(null);
        return done;
      }
      Slot slot = slots.computeIfAbsent(key, absent -> new Slot());
      slot.waiting.add(done);
      if (!slot.running) {
        start(key, slot);
      }
    } finally {
      lock.unlock();
    }
    return done;
  }

  /** The keys whose last attempt failed. */
  List<K> failed() {
    lock.lock();
    try {
      return slots.entrySet().stream()
          .filter(entry -> entry.getValue().failures > 0)
          .map(Map.Entry::getKey)
          .toList();
    } finally {
      lock.unlock();
    }
  }

  /** Whether an attempt runs or is asked for. */
  boolean isWorkedOn(K key) {
    lock.lock();
    try {
      Slot slot = slots.get(key);
      return slot != null && slot.running;
    } finally {
      lock.unlock();
    }
  }

  /** Begins no further attempt, and returns when none runs. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      slots.values().forEach(slot -> slot.retry.ifPresent(Timer::cancel));
      while (running > 0) {
        idle.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Under the lock. */
  private void retryAfter(Duration wait, K key, Slot slot) {
    slot.retry = Optional.of(timers.after(wait, () -> retry(key)));
  }

  /** What came of it is counted in the slot; nobody waits. */
  private void retry(K key) {
    CompletableFuture<Void> attempted = add(key);
    assert !attempted.isCompletedExceptionally();
  }

  /** Under the lock. */
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
    Attempt result = Attempt.FAILED;
    try {
      result = work.apply(key);
    } finally {
      ended(key, slot, result);
      served.forEach(done -> done.complete(null));
      noLongerRuns();
    }
  }

  /** The last that an attempt does: who waits in {@link #close} finds its futures completed. */
  private void noLongerRuns() {
    lock.lock();
    try {
      running--;
      idle.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void ended(K key, Slot slot, Attempt result) {
    lock.lock();
    try {
      slot.running = false;
      slot.failures = result == Attempt.DONE ? 0 : slot.failures + 1;
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
    } finally {
      lock.unlock();
    }
  }
}
