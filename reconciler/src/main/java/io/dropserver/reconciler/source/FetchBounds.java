package io.dropserver.reconciler.source;

import io.dropserver.base.concurrent.MonotonicClock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jgit.lib.EmptyProgressMonitor;

/** Cancels a fetch that takes too long or transfers too many objects. */
final class FetchBounds extends EmptyProgressMonitor {
  /**
   * Limit of the objects in one fetch, which a busy instance reaches after about ten years.
   * Indexing a larger pack would exhaust this server.
   */
  private static final long MOST_OBJECTS = 5_000_000;

  private final InstantSource clock;
  private final Instant deadline;
  private final AtomicBoolean cancelled = new AtomicBoolean();
  private long objects;

  FetchBounds(InstantSource clock, Duration longest) {
    this.clock = new MonotonicClock(clock); // the date may change during a fetch
    this.deadline = this.clock.instant().plus(longest);
  }

  void cancel() {
    cancelled.set(true);
  }

  @Override
  public void beginTask(String title, int totalWork) {
    objects = 0;
  }

  @Override
  public void update(int completed) {
    objects += completed;
    if (objects > MOST_OBJECTS) {
      cancel();
    }
  }

  @Override
  public boolean isCancelled() {
    return cancelled.get() || clock.instant().isAfter(deadline);
  }
}
