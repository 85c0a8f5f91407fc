package io.dropserver.web.identity;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that advances only when a test says so. */
final class SettableClock implements InstantSource {
  private volatile Instant now = Instant.parse("2026-11-26T08:00:00Z");

  @Override
  public Instant instant() {
    return now;
  }

  void pass(Duration time) {
    now = now.plus(time);
  }
}
