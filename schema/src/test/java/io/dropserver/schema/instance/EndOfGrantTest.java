package io.dropserver.schema.instance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndOfGrantTest {
  private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "2027-01-31, 2027-02-01T00:00:00Z",
    "2028-02-29, 2028-03-01T00:00:00Z",
    "2027-01-31T18:00:00Z, 2027-01-31T18:00:00Z",
    "2027-01-31T18:00:00+02:00, 2027-01-31T16:00:00Z"
  })
  void aDateLastsThroughItsEndAndATimeEndsThen(String text, Instant end) {
    assertThat(EndOfGrant.parse(text)).hasValue(end);
    assertThat(EndOfGrant.parse(EndOfGrant.format(end))).hasValue(end);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "2027-1-1",
        "2027-02-29",
        "2027-13-01",
        "31.01.2027",
        "2027-01-31T18:00:00",
        "9999999999-01-01",
        "tomorrow",
        "2027-01-31T99:00:00Z"
      })
  void otherTextsAreRefused(String text) {
    assertThat(EndOfGrant.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "30d, 2026-12-30T12:00:00Z",
    "90m, 2026-11-30T13:30:00Z",
    "2026-11-30, 2026-12-01T00:00:00Z"
  })
  void aDurationBecomesATime(String text, Instant end) {
    assertThat(EndOfGrant.fromNow(text, NOW)).hasValue(end);
  }

  @Test
  void theEndIsInTheFutureAndWithinTenYears() {
    for (String text :
        new String[] {"0s", "0d", "2026-11-29", "9999d", "2099-01-01", "-1d", "1y"}) {
      assertThat(EndOfGrant.fromNow(text, NOW)).as(text).isEmpty();
    }
  }
}
