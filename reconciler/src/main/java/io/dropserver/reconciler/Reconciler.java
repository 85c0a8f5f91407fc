package io.dropserver.reconciler;

import io.dropserver.reconciler.converge.Backoff;
import io.dropserver.reconciler.converge.Timers;
import io.dropserver.reconciler.converge.Timers.Timer;
import io.dropserver.schema.status.SyncResult;
import io.dropserver.web.control.ControlException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reconcile loop: at an interval or on demand, it runs one cycle of {@link Revolution} at a
 * time. Thread-safe.
 */
final class Reconciler implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);

  private final Revolution revolution;
  private final Backoff backoff;
  private final Timers timers;
  private final DoubleSupplier random;
  private final Consumer<Outcome> looked;

  /** Guards the fields below. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Condition changed = lock.newCondition();
  private List<CompletableFuture<Outcome>> asked = new ArrayList<>();
  private boolean due = true;
  private boolean closed;
  private Optional<Timer> next = Optional.empty();
  private Optional<Thread> thread = Optional.empty();

  private final CompletableFuture<Void> firstLook = new CompletableFuture<>();

  /**
   * The result of one cycle.
   *
   * @param revision the one found, if any
   * @param handled completes when every object that it touches was tried once
   * @param failed whether the remote could not be read, so that the next cycle follows after a
   *     backoff
   * @param retryAfter delay that the remote asked for
   */
  record Outcome(
      Optional<String> revision,
      boolean served,
      String message,
      CompletableFuture<Void> handled,
      boolean failed,
      Optional<Duration> retryAfter) {}

  /**
   * @param random returns numbers from 0 to 1, for the jitter
   * @param looked receives each result, and must return at once
   */
  Reconciler(
      Revolution revolution,
      Backoff backoff,
      Timers timers,
      DoubleSupplier random,
      Consumer<Outcome> looked) {
    this.revolution = revolution;
    this.backoff = backoff;
    this.timers = timers;
    this.random = random;
    this.looked = looked;
  }

  /**
   * Puts the last good revision into service from local state, then follows the remote.
   *
   * @return completes when the last good revision is in service
   */
  public CompletableFuture<Void> start() {
    CompletableFuture<Void> serving = revolution.resume();
    lock.lock();
    try {
      thread = Optional.of(Thread.ofVirtual().name("reconcile").start(this::loop));
    } finally {
      lock.unlock();
    }
    return serving;
  }

  /** Completes after the first poll of the remote, or when there will be none. */
  CompletableFuture<Void> firstLook() {
    return firstLook.copy();
  }

  /** Triggers a poll of the remote soon; returns at once. */
  public void poke() {
    lock.lock();
    try {
      due = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Stops following the remote. What is in service when this returns stays in service. */
  public void suspend() {
    revolution.suspend();
  }

  /**
   * Polls the remote now.
   *
   * @param accept see {@link io.dropserver.web.control.Control#sync}
   * @throws ControlException when reconciling is suspended or the commit is not known
   */
  public SyncResult sync(Optional<String> accept, Optional<Duration> wait) {
    if (revolution.isSuspended()) {
      throw new ControlException(
          "reconciling is suspended; `dropserver resume` lets it go on, then sync again");
    }
    accept.ifPresent(revolution::accept);
    if (wait.isEmpty()) {
      poke();
      return new SyncResult(Optional.empty(), false, false, "the remote is being looked at");
    }
    long end = System.nanoTime() + wait.get().toNanos();
    Optional<Outcome> looked = within(ask(), end);
    if (looked.isEmpty()) {
      return new SyncResult(Optional.empty(), false, true, "the remote did not answer in time");
    }
    Outcome outcome = looked.get();
    if (within(outcome.handled().thenApply(done -> Boolean.TRUE), end).isEmpty()) {
      return new SyncResult(
          outcome.revision(),
          false,
          true,
          "the revision is still being converged to; `dropserver status` shows what is not ready");
    }
    return new SyncResult(
        outcome.revision(), outcome.served(), false, revolution.describe(outcome.message()));
  }

  /** Blocks until a running cycle has ended. Everything in service stays in service. */
  @Override
  public void close() {
    Optional<Thread> running;
    lock.lock();
    try {
      closed = true;
      next.ifPresent(Timer::cancel);
      changed.signalAll();
      running = thread;
    } finally {
      lock.unlock();
    }
    try {
      if (running.isPresent()) {
        running.get().join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private CompletableFuture<Outcome> ask() {
    CompletableFuture<Outcome> answer = new CompletableFuture<>();
    lock.lock();
    try {
      if (closed) {
        throw new ControlException("the server is stopping");
      }
      asked.add(answer);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    return answer;
  }

  /** Empty on a timeout. */
  private static <T> Optional<T> within(CompletableFuture<T> future, long end) {
    try {
      return Optional.of(future.get(Math.max(1, end - System.nanoTime()), TimeUnit.NANOSECONDS));
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ControlException("interrupted");
    } catch (java.util.concurrent.ExecutionException e) {
      throw new ControlException("the sync failed: " + e.getCause());
    }
  }

  private void loop() {
    int failures = 0;
    while (true) {
      Optional<List<CompletableFuture<Outcome>>> requests = awaitNext();
      if (requests.isEmpty()) {
        firstLook.complete(null);
        return;
      }
      if (revolution.isSuspended() && requests.get().isEmpty()) {
        firstLook.complete(null);
        continue;
      }
      Outcome outcome = look();
      firstLook.complete(null);
      failures = outcome.failed() ? failures + 1 : 0;
      scheduleNext(failures, outcome);
      looked.accept(outcome);
      requests.get().forEach(request -> request.complete(outcome));
    }
  }

  private Outcome look() {
    try {
      return revolution.turn();
    } catch (RuntimeException e) {
      // Everything in service stays in service. The loop must survive any exception.
      LOG.error("a look at the remote ended unexpectedly", e);
      String message = revolution.broken(e);
      return new Outcome(
          Optional.empty(),
          false,
          message,
          CompletableFuture.completedFuture(null),
          true,
          Optional.empty());
    }
  }

  /** Empty when closed. */
  private Optional<List<CompletableFuture<Outcome>>> awaitNext() {
    lock.lock();
    try {
      while (!closed && !due && asked.isEmpty()) {
        changed.awaitUninterruptibly();
      }
      List<CompletableFuture<Outcome>> taken = asked;
      asked = new ArrayList<>();
      due = false;
      if (closed) {
        ControlException stopping = new ControlException("the server is stopping");
        taken.forEach(request -> request.completeExceptionally(stopping));
        return Optional.empty();
      }
      return Optional.of(taken);
    } finally {
      lock.unlock();
    }
  }

  private void scheduleNext(int failures, Outcome outcome) {
    Duration delay = failures > 0 ? backoff.after(failures) : jittered(revolution.interval());
    Duration least = outcome.retryAfter().orElse(Duration.ZERO);
    Duration wait = delay.compareTo(least) < 0 ? least : delay;
    lock.lock();
    try {
      next.ifPresent(Timer::cancel);
      if (!closed) {
        next = Optional.of(timers.after(wait, this::poke));
      }
    } finally {
      lock.unlock();
    }
  }

  /** ±5 %, so that many servers do not poll one forge at the same instant. */
  private Duration jittered(Duration interval) {
    return Duration.ofMillis((long) (interval.toMillis() * (0.95 + 0.1 * random.getAsDouble())));
  }
}
