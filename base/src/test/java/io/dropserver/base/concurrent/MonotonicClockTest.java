package io.dropserver.base.concurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class MonotonicClockTest {
  private static final Instant DATE = Instant.parse("2026-01-01T00:00:00Z");
  private Instant date = DATE;

  @Test
  void aChangeOfTheDateChangesNothing() {
    MonotonicClock clock = new MonotonicClock(() -> date);
    date = DATE.plus(Duration.ofDays(30));
    assertThat(clock.instant()).isBetween(DATE, DATE.plus(Duration.ofHours(1)));
    date = DATE.minus(Duration.ofDays(30));
    Instant before = clock.instant();
    assertThat(before).isAfterOrEqualTo(DATE);
    await().until(() -> clock.instant().isAfter(before));
  }
}
