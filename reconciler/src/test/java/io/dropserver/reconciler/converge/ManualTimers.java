package io.dropserver.reconciler.converge;

import io.dropserver.base.concurrent.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Timers that run when the test fires them. */
final class ManualTimers implements Timers {
  private final List<Waiting> waiting = new ArrayList<>();

  record Waiting(Duration delay, Runnable task) {}

  @Override
  public synchronized Timer after(Duration delay, Runnable task) {
    Waiting timer = new Waiting(delay, task);
    waiting.add(timer);
    return () -> {
      synchronized (this) {
        waiting.remove(timer);
      }
    };
  }

  synchronized List<Duration> delays() {
    return waiting.stream().map(Waiting::delay).toList();
  }

  /** Runs all timers that are waiting now. */
  void fire() {
    List<Waiting> due;
    synchronized (this) {
      due = List.copyOf(waiting);
      waiting.clear();
    }
    due.forEach(timer -> timer.task().run());
  }
}
