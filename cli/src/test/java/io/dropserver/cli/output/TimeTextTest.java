package io.dropserver.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeTextTest {
  private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

  @ParameterizedTest
  @CsvSource({"0, just now", "5, 5 s ago", "180, 3 min ago", "7200, 2 h ago", "345600, 4 days ago"})
  void anAgeIsShownInTheFittingUnit(long seconds, String shown) {
    assertThat(TimeText.ago(NOW.minusSeconds(seconds), CLOCK)).isEqualTo(shown);
  }

  @Test
  void anUnsetTimeIsShownAsADash() {
    assertThat(TimeText.ago(Instant.EPOCH, CLOCK)).isEqualTo("-");
  }
}
