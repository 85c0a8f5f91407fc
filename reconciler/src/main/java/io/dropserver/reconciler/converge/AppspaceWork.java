package io.dropserver.reconciler.converge;

import io.dropserver.base.concurrent.Timers;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Queues attempts at appspaces. Attempts that are requested before the {@link Converger} starts the
 * queue wait for it. Thread-safe.
 */
public final class AppspaceWork extends WorkQueue<String> {
  /** Appspaces whose next attempt repeats a stalled upgrade. */
  private final Set<String> retryRequested = ConcurrentHashMap.newKeySet();

  /** Work that runs while its appspace is stopped, by appspace. */
  private final Map<String, FutureTask<Void>> scheduled = new ConcurrentHashMap<>();

  public AppspaceWork(Backoff backoff, Timers timers) {
    super(backoff, timers);
  }

  /**
   * Starts an attempt now, regardless of the backoff. The attempt repeats an upgrade that was
   * rolled back.
   *
   * @return completes after the attempt, whatever its result
   */
  public CompletableFuture<Void> retry(String appspace) {
    retryRequested.add(appspace);
    return add(appspace);
  }

  /** Starts attempts at all appspaces that failed. Does not block. */
  public void retryFailed() {
    failed()
        .forEach(
            appspace -> {
              var _ = add(appspace);
            });
  }

  /** Returns whether {@link #retry} requested the running attempt, and clears the request. */
  boolean takeRetryRequest(String appspace) {
    return retryRequested.remove(appspace);
  }

  /**
   * Stops an appspace, runs the work, and starts the appspace again as declared. No other change is
   * made to the appspace in between. Blocks until the appspace is back in service or has failed to
   * start.
   *
   * @throws IllegalStateException when other work is already scheduled for this appspace
   * @throws RuntimeException the exception that the work threw
   */
  public void runWhileStopped(String appspace, Runnable work) {
    FutureTask<Void> task = new FutureTask<>(work, null);
    if (scheduled.putIfAbsent(appspace, task) != null) {
      throw new IllegalStateException(
          "the data of " + appspace + " is already being replaced; wait until this is done");
    }
    add(appspace).join();
    if (!task.isDone()) {
      throw new IllegalStateException("the server is stopping; nothing was done");
    }
    try {
      task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(e.getCause());
    }
  }

  /**
   * Runs the work that is scheduled for an appspace, as part of an attempt.
   *
   * @param stop stops the appspace
   * @return whether there was work
   */
  boolean runScheduled(String appspace, Runnable stop) {
    FutureTask<Void> task = scheduled.get(appspace);
    if (task == null) {
      return false;
    }
    try {
      stop.run();
      task.run();
      retryRequested.add(appspace);
    } finally {
      scheduled.remove(appspace, task);
    }
    return true;
  }
}
