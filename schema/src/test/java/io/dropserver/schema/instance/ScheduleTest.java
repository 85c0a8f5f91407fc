package io.dropserver.schema.instance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  private static final Instant NOW = Instant.parse("2026-11-25T10:05:00Z");
  private static final Duration DELAY = Duration.ofSeconds(20);
  private static final Schedule HOURLY = schedule("0 * * * *");
  private static final Optional<Instant> PLANNED = at("2026-11-25T11:00:20Z");

  private static Schedule schedule(String cron) {
    return new Schedule(Cron.of(cron), ZoneOffset.UTC, DELAY);
  }

  private static Optional<Instant> at(String time) {
    return Optional.of(Instant.parse(time));
  }

  @Test
  void allTimesAreLaterByTheDelay() {
    assertThat(HOURLY.next(NOW)).isEqualTo(PLANNED);
    assertThat(HOURLY.next(Instant.parse("2026-11-25T11:00:19Z"))).isEqualTo(PLANNED);
    assertThat(HOURLY.next(PLANNED.orElseThrow())).isEqualTo(at("2026-11-25T12:00:20Z"));
  }

  @Test
  void theIntervalIsTheTimeBetweenTheNextTwoDueTimes() {
    assertThat(schedule("0 3 * * *").interval(NOW)).isEqualTo(Duration.ofDays(1));
    assertThat(schedule("0 3,9 * * *").interval(NOW)).isEqualTo(Duration.ofHours(6));
  }

  @Test
  void workWithoutAPlannedTimeIsDueAtTheNextTime() {
    assertThat(HOURLY.replan(Optional.empty(), NOW)).isEqualTo(PLANNED);
  }

  @Test
  void aPlannedTimeStaysUntilTheWorkIsDone() {
    assertThat(HOURLY.replan(PLANNED, NOW)).isEqualTo(PLANNED);
    assertThat(HOURLY.replan(PLANNED, NOW.plus(Duration.ofDays(10)))).isEqualTo(PLANNED);
  }

  @Test
  void aPlannedTimeStaysAfterAStepBackOfThreeHoursAndNotAfterALargerOne() {
    Instant threeHours = Instant.parse("2026-11-25T07:00:20Z");
    assertThat(HOURLY.replan(PLANNED, threeHours)).isEqualTo(PLANNED);
    assertThat(HOURLY.replan(PLANNED, threeHours.minusMillis(1)))
        .isEqualTo(at("2026-11-25T07:00:20Z"));
  }
}
