package io.dropserver.base.concurrent;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Timers that share one scheduler thread. Each due task runs on its own virtual thread. */
public final class ThreadTimers implements Timers, AutoCloseable {
  private final ScheduledThreadPoolExecutor waiting;

  public ThreadTimers() {
    waiting =
        new ScheduledThreadPoolExecutor(
            1, task -> Thread.ofPlatform().daemon().name("timers").unstarted(task));
    waiting.setRemoveOnCancelPolicy(true);
    waiting.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  @Override
  public Timer after(Duration delay, Runnable task) {
    Future<?> due =
        waiting.schedule(
            () -> {
              Thread.ofVirtual().name("timer").start(task);
            },
            delay.toMillis(),
            TimeUnit.MILLISECONDS);
    return () -> due.cancel(false);
  }

  @Override
  public void close() {
    waiting.shutdownNow();
  }
}
