package io.dropserver.base.concurrent;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * A clock that begins at the date and then only measures elapsed time. It does not follow later
 * changes of the date, and it stands still while the machine is suspended. Use it for durations,
 * such as the time without use, and never to show a date. Thread-safe.
 */
public final class MonotonicClock implements InstantSource {
  private final Instant begin;
  private final long beginNanos;

  public MonotonicClock(InstantSource date) {
    begin = date.instant();
    beginNanos = System.nanoTime();
  }

  @Override
  public Instant instant() {
    return begin.plus(Duration.ofNanos(System.nanoTime() - beginNanos));
  }
}
