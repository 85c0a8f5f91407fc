package io.dropserver.base.concurrent;

import java.time.Duration;

/** Schedules tasks for later. Thread-safe. */
public interface Timers {

  /** Schedules the task to run once after the delay, on a separate thread. */
  Timer after(Duration delay, Runnable task);

  /** A scheduled task. */
  interface Timer {
    /** Cancels the task. Has no effect if the task has already run. */
    void cancel();
  }
}
