package io.dropserver.base.concurrent;

import io.dropserver.base.concurrent.Timers.Timer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Runs a task repeatedly with a fixed pause between the end of one run and the start of the next.
 * The first run follows one pause after {@link #start}. Thread-safe.
 */
public final class PeriodicTask implements AutoCloseable {
  private final Timers timers;
  private final Duration pause;
  private final Runnable task;

  /** Guards the fields below. */
  private final ReentrantLock lock = new ReentrantLock();

  private boolean closed;
  private Optional<Timer> next = Optional.empty();

  public PeriodicTask(Timers timers, Duration pause, Runnable task) {
    this.timers = timers;
    this.pause = pause;
    this.task = task;
  }

  public PeriodicTask start() {
    try (var _ = new HeldLock(lock)) {
      if (!closed) {
        next = Optional.of(timers.after(pause, this::run));
      }
    }
    return this;
  }

  private void run() {
    try {
      task.run();
    } finally {
      start();
    }
  }

  @Override
  public void close() {
    try (var _ = new HeldLock(lock)) {
      closed = true;
      next.ifPresent(Timer::cancel);
    }
  }
}
