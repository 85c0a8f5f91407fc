package io.dropserver.reconciler.converge;

import java.time.Duration;

/** The clock's other half: doing something later. Thread-safe. */
public interface Timers {

  /** Runs the task once, on a thread of its own, unless it is cancelled before. */
  Timer after(Duration delay, Runnable task);

  /** A task that waits. */
  interface Timer {
    /** Harmless when it has run. */
    void cancel();
  }
}
