package io.dropserver.reconciler;

import io.dropserver.reconciler.converge.Backoff;
import io.dropserver.schema.concurrent.WakeableLoop;
import io.dropserver.schema.status.SyncResult;
import io.dropserver.web.control.ControlException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
  private final DoubleSupplier random;
  private final Consumer<Outcome> looked;
  private final WakeableLoop loop = new WakeableLoop("reconcile", this::run);
  private int failures; // used only by the loop

  /** Guarded by itself. */
  private final List<CompletableFuture<Outcome>> asked = new ArrayList<>();

  private boolean closed; // guarded by asked
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
      Revolution revolution, Backoff backoff, DoubleSupplier random, Consumer<Outcome> looked) {
    this.revolution = revolution;
    this.backoff = backoff;
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
    loop.start();
    return serving;
  }

  /** Completes after the first poll of the remote, or when there will be none. */
  CompletableFuture<Void> firstLook() {
    return firstLook.copy();
  }

  /** Triggers a poll of the remote soon; returns at once. */
  public void poke() {
    loop.wake();
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
    synchronized (asked) {
      closed = true;
    }
    loop.closeAfter(WakeableLoop.FOREVER);
    firstLook.complete(null);
    ControlException stopping = stopping();
    takeAsked().forEach(request -> request.completeExceptionally(stopping));
  }

  private static ControlException stopping() {
    return new ControlException("the server is stopping");
  }

  private CompletableFuture<Outcome> ask() {
    CompletableFuture<Outcome> answer = new CompletableFuture<>();
    synchronized (asked) {
      if (closed) {
        throw stopping();
      }
      asked.add(answer);
    }
    loop.wake();
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

  private Duration run() {
    List<CompletableFuture<Outcome>> requests = takeAsked();
    if (revolution.isSuspended() && requests.isEmpty()) {
      firstLook.complete(null);
      return WakeableLoop.FOREVER;
    }
    Outcome outcome = look();
    firstLook.complete(null);
    failures = outcome.failed() ? failures + 1 : 0;
    looked.accept(outcome);
    requests.forEach(request -> request.complete(outcome));
    return delayAfter(outcome);
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

  private List<CompletableFuture<Outcome>> takeAsked() {
    synchronized (asked) {
      List<CompletableFuture<Outcome>> taken = List.copyOf(asked);
      asked.clear();
      return taken;
    }
  }

  private Duration delayAfter(Outcome outcome) {
    Duration delay = failures > 0 ? backoff.after(failures) : jittered(revolution.interval());
    Duration least = outcome.retryAfter().orElse(Duration.ZERO);
    return delay.compareTo(least) < 0 ? least : delay;
  }

  /** ±5 %, so that many servers do not poll one forge at the same instant. */
  private Duration jittered(Duration interval) {
    return Duration.ofMillis((long) (interval.toMillis() * (0.95 + 0.1 * random.getAsDouble())));
  }
}
