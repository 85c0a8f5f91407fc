package io.dropserver.backup.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.BackupPolicy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.quartz.CronExpression;

class BackupClockTest {
  private static BackupPolicy policy(String schedule, String zone) {
    return new BackupPolicy(schedule, ZoneId.of(zone), BackupPolicy.DEFAULT.keep());
  }

  private static Optional<Instant> next(String schedule, String zone, String after) {
    return CronTriggers.of(policy(schedule, zone)).nextAfter(Instant.parse(after));
  }

  @Test
  void daysOfTheWeekBeginWithSundayForQuartz() {
    assertThat(CronTriggers.of(policy("0 3 * * 0", "UTC")).expressions())
        .containsExactly("0 0 3 ? * 1");
    // 2026-11-25 is a Wednesday.
    assertThat(next("0 3 * * 3", "UTC", "2026-11-24T12:00:00Z"))
        .contains(Instant.parse("2026-11-25T03:00:00Z"));
    assertThat(next("0 3 * * 7", "UTC", "2026-11-25T12:00:00Z"))
        .contains(Instant.parse("2026-11-29T03:00:00Z"));
  }

  @Test
  void aDayOfMonthOrADayOfWeekAreTwoTriggers() {
    assertThat(CronTriggers.of(policy("30 4 1,15 * 5", "UTC")).expressions())
        .containsExactly("0 30 4 1,15 * ?", "0 30 4 ? * 6")
        .allSatisfy(text -> assertThat(CronExpression.isValidExpression(text)).isTrue());
    assertThat(next("30 4 1,15 * 5", "UTC", "2026-11-25T00:00:00Z"))
        .contains(Instant.parse("2026-11-27T04:30:00Z"));
    assertThat(next("30 4 1,15 * 5", "UTC", "2026-11-28T00:00:00Z"))
        .contains(Instant.parse("2026-12-01T04:30:00Z"));
  }

  @Test
  void aStepAndADayOfWeekMustBothMatch() {
    // Every second day of the month that is also a Monday: 2026-12-07 is a Monday and odd.
    assertThat(next("0 3 */2 * 1", "UTC", "2026-11-25T00:00:00Z"))
        .contains(Instant.parse("2026-12-07T03:00:00Z"));
  }

  @Test
  void theTimeIsThatOfItsZoneAlsoWhenClocksAreSet() {
    assertThat(next("0 3 * * *", "Europe/Berlin", "2026-11-25T12:00:00Z"))
        .contains(Instant.parse("2026-11-26T02:00:00Z"));
    assertThat(next("0 3 * * *", "Europe/Berlin", "2026-07-01T12:00:00Z"))
        .contains(Instant.parse("2026-07-02T01:00:00Z"));
  }

  @Test
  void whatWasMissedWhileNoServerRanIsDueOnceAtItsDeclaration() {
    List<String> due = new CopyOnWriteArrayList<>();
    Clock now = Clock.fixed(Instant.parse("2026-11-25T12:00:00Z"), ZoneOffset.UTC);
    try (BackupClock clock = new BackupClock(due::add, now)) {
      Map<String, BackupPolicy> policies =
          Map.of(
              "missed", policy("0 3 * * *", "UTC"),
              "made", policy("0 3 * * *", "UTC"),
              "fresh", policy("0 3 * * *", "UTC"));
      Map<String, Instant> lastRun =
          Map.of(
              "missed", Instant.parse("2026-11-22T03:00:10Z"),
              "made", Instant.parse("2026-11-25T03:00:10Z"));
      clock.declare(policies, name -> Optional.ofNullable(lastRun.get(name)));
      clock.declare(policies, name -> Optional.ofNullable(lastRun.get(name)));
      assertThat(due).containsExactly("missed");
      assertThat(clock.next("made")).contains(Instant.parse("2026-11-26T03:00:00Z"));
      assertThat(clock.interval("made")).isEqualTo(Duration.ofDays(1));
      clock.declare(Map.of(), name -> Optional.empty());
      assertThat(clock.next("made")).isEmpty();
    }
  }

  /** Takes up to one minute. */
  @Tag("long")
  @Test
  void quartzSaysWhenItIsTime() {
    List<String> due = new CopyOnWriteArrayList<>();
    try (BackupClock clock = new BackupClock(due::add, Clock.systemUTC())) {
      clock.declare(Map.of("garden", policy("* * * * *", "UTC")), name -> Optional.empty());
      Awaitility.await().atMost(Duration.ofSeconds(100)).until(() -> due.contains("garden"));
    }
  }
}
