package io.dropserver.reconciler;

import io.dropserver.base.concurrent.WakeableLoop;
import io.dropserver.control.ControlException;
import io.dropserver.control.SyncResult;
import io.dropserver.reconciler.converge.Backoff;
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

/** Runs {@link ReconcileCycle} at an interval and on demand, one cycle at a time. Thread-safe. */
public final class ReconcileLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReconcileLoop.class);

  private final ReconcileCycle cycle;
  private final Backoff backoff;
  private final DoubleSupplier random;
  private final Consumer<CycleResult> resultListener;
  private final WakeableLoop loop;
  private int failures; // accessed only by the loop's thread

  /** Guarded by itself. */
  private final List<CompletableFuture<CycleResult>> pendingRequests = new ArrayList<>();

  private boolean closed; // guarded by pendingRequests
  private final CompletableFuture<Void> firstPoll = new CompletableFuture<>();

  /**
   * @param loop not started yet; waking it triggers a poll of the remote
   * @param random returns numbers from 0 to 1, for the jitter
   * @param resultListener receives each result; must not block
   */
  public ReconcileLoop(
      WakeableLoop loop,
      ReconcileCycle reconcileCycle,
      Backoff backoff,
      DoubleSupplier random,
      Consumer<CycleResult> resultListener) {
    this.loop = loop;
    this.cycle = reconcileCycle;
    this.backoff = backoff;
    this.random = random;
    this.resultListener = resultListener;
  }

  /**
   * Puts the last good revision into service from local state, then follows the remote.
   *
   * @return completes when the last good revision is in service
   */
  public CompletableFuture<Void> start() {
    CompletableFuture<Void> serving = cycle.resume();
    var _ = loop.start(this::run);
    return serving;
  }

  /**
   * Returns a future that completes after the first poll of the remote, or without a poll if
   * reconciling is suspended or the loop is closed.
   */
  public CompletableFuture<Void> firstPoll() {
    return firstPoll.copy();
  }

  /** Triggers a poll of the remote without waiting for it. */
  public void poke() {
    loop.wake();
  }

  /** Stops following the remote. The revision in service stays in service. */
  public void suspend() {
    cycle.suspend();
  }

  /**
   * Polls the remote immediately.
   *
   * @param accept see {@link io.dropserver.control.Control#sync}
   * @param wait longest time to wait for the result; if empty, this method does not wait
   * @throws ControlException when reconciling is suspended or the commit is not known
   */
  public SyncResult sync(Optional<String> accept, Optional<Duration> wait) {
    if (cycle.isSuspended()) {
      throw new ControlException(
          "reconciling is suspended; run `dropserver resume`, then sync again");
    }
    accept.ifPresent(cycle::accept);
    if (wait.isEmpty()) {
      poke();
      return new SyncResult(Optional.empty(), false, false, "the remote is being polled");
    }
    long end = System.nanoTime() + wait.get().toNanos();
    Optional<CycleResult> result = within(requestCycle(), end);
    if (result.isEmpty()) {
      return new SyncResult(Optional.empty(), false, true, "the remote did not respond in time");
    }
    CycleResult cycleResult = result.get();
    if (within(cycleResult.handled().thenApply(done -> Boolean.TRUE), end).isEmpty()) {
      return new SyncResult(
          cycleResult.revision(),
          false,
          true,
          "converging to the revision is not complete; `dropserver status` lists what is not"
              + " ready");
    }
    return new SyncResult(
        cycleResult.revision(), cycleResult.served(), false, cycle.describe(cycleResult.message()));
  }

  /** Blocks until a running cycle has ended. The revision in service stays in service. */
  @Override
  public void close() {
    synchronized (pendingRequests) {
      closed = true;
    }
    loop.closeAfter(WakeableLoop.FOREVER);
    firstPoll.complete(null);
    ControlException stopping = stopping();
    takeRequests().forEach(request -> request.completeExceptionally(stopping));
  }

  private static ControlException stopping() {
    return new ControlException("the server is stopping");
  }

  private CompletableFuture<CycleResult> requestCycle() {
    CompletableFuture<CycleResult> answer = new CompletableFuture<>();
    synchronized (pendingRequests) {
      if (closed) {
        throw stopping();
      }
      pendingRequests.add(answer);
    }
    loop.wake();
    return answer;
  }

  /** Waits for a future until a {@link System#nanoTime} value. Empty on a timeout. */
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
    List<CompletableFuture<CycleResult>> requests = takeRequests();
    if (cycle.isSuspended() && requests.isEmpty()) {
      firstPoll.complete(null);
      return WakeableLoop.FOREVER;
    }
    CycleResult cycleResult = runCycle();
    firstPoll.complete(null);
    failures = cycleResult.failed() ? failures + 1 : 0;
    resultListener.accept(cycleResult);
    requests.forEach(request -> request.complete(cycleResult));
    return delayAfter(cycleResult);
  }

  private CycleResult runCycle() {
    try {
      return cycle.reconcile();
    } catch (RuntimeException e) {
      // The revision in service stays in service. The loop must survive any exception.
      LOG.error("a poll of the remote ended unexpectedly", e);
      String message = cycle.reportFailure(e);
      return new CycleResult(
          Optional.empty(),
          false,
          message,
          CompletableFuture.completedFuture(null),
          true,
          Optional.empty());
    }
  }

  private List<CompletableFuture<CycleResult>> takeRequests() {
    synchronized (pendingRequests) {
      List<CompletableFuture<CycleResult>> taken = List.copyOf(pendingRequests);
      pendingRequests.clear();
      return taken;
    }
  }

  private Duration delayAfter(CycleResult cycleResult) {
    Duration delay = failures > 0 ? backoff.after(failures) : jittered(cycle.interval());
    Duration least = cycleResult.retryAfter().orElse(Duration.ZERO);
    return delay.compareTo(least) < 0 ? least : delay;
  }

  /** Adds a jitter of ±5 %, so that many servers do not poll a forge at the same instant. */
  private Duration jittered(Duration interval) {
    return Duration.ofMillis((long) (interval.toMillis() * (0.95 + 0.1 * random.getAsDouble())));
  }
}
