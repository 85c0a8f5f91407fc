package io.dropserver.sandbox.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class CrashBackoffTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void theDelayGrowsFromZeroToFiveMinutes() {
    CrashBackoff backoff = CrashBackoff.NONE;
    long[] expected = {0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300};
    for (long seconds : expected) {
      backoff = backoff.failedAt(NOW);
      assertThat(backoff.remaining(NOW)).isEqualTo(Duration.ofSeconds(seconds));
    }
    for (int failure = 0; failure < 1000; failure++) {
      backoff = backoff.failedAt(NOW);
    }
    assertThat(backoff.remaining(NOW)).isEqualTo(Duration.ofMinutes(5));
  }

  @Test
  void aStableRunResetsTheDelay() {
    CrashBackoff backoff = CrashBackoff.NONE.failedAt(NOW).failedAt(NOW).failedAt(NOW);
    assertThat(backoff.crashedAt(NOW, CrashBackoff.STABLE).remaining(NOW)).isZero();
    assertThat(backoff.crashedAt(NOW, Duration.ofSeconds(59)).remaining(NOW)).isPositive();
  }
}
