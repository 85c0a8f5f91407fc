package io.dropserver.testing;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock that changes only when a test sets or advances it. Thread-safe for one writer. */
public final class SettableClock extends Clock {
  private volatile Instant now;

  /** Creates a clock that begins at an arbitrary fixed time. */
  public SettableClock() {
    this(Instant.parse("2026-11-26T08:00:00Z"));
  }

  public SettableClock(Instant begin) {
    now = begin;
  }

  public void set(Instant time) {
    now = time;
  }

  public void advance(Duration step) {
    now = now.plus(step);
  }

  @Override
  public Instant instant() {
    return now;
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }
}
