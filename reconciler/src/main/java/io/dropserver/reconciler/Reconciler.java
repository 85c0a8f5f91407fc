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
 * The one loop: it looks at the remote at an interval, or when poked, and hands what it finds to
 * {@link Revolution}. One look at a time. Thread-safe.
 */
final class Reconciler implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);

  private final Revolution revolution;
  private final Backoff backoff;
  private final Timers timers;
  private final DoubleSupplier random;
  private final Consumer<Outcome> looked;

  /** Guards all below. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Condition changed = lock.newCondition();
  private List<CompletableFuture<Outcome>> asked = new ArrayList<>();
  private boolean due = true;
  private boolean closed;
  private Optional<Timer> next = Optional.empty();
  private Optional<Thread> thread = Optional.empty();

  private final CompletableFuture<Void> firstLook = new CompletableFuture<>();

  /**
   * What one look came to.
   *
   * @param revision found, if any
   * @param handled completes when each object that it touches was tried once
   * @param failed the remote could not be read: look again after a backoff
   * @param retryAfter what the remote asked for
   */
  record Outcome(
      Optional<String> revision,
      boolean served,
      String message,
      CompletableFuture<Void> handled,
      boolean failed,
      Optional<Duration> retryAfter) {}

  /**
   * @param random from 0 to 1, for the jitter
   * @param looked told of each look, and returns at once
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
   * Puts the last good revision into service from what is on this machine, then follows the remote.
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

  /** Completes when the remote was looked at for the first time, or is not to be looked at. */
  CompletableFuture<Void> firstLook() {
    return firstLook.copy();
  }

  /** Looks at the remote soon; returns at once. */
  public void poke() {
    lock.lock();
    try {
      due = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The remote is not followed any more; what is in service when this returns stays so. */
  public void suspend() {
    revolution.suspend();
  }

  /**
   * Looks at the remote now.
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

  /** Returns when the look that runs has ended; what is in service stays so. */
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

  /** Empty when the time is over before. */
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
      // What is in service stays so; the loop must outlive whatever a turn meets.
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

  /** ±5 %, so that many servers do not ask one forge at the same instant. */
  private Duration jittered(Duration interval) {
    return Duration.ofMillis((long) (interval.toMillis() * (0.95 + 0.1 * random.getAsDouble())));
  }
}
