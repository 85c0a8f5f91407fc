package io.dropserver.backup.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.BackupPolicy;
import io.dropserver.testing.SettableClock;
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

class CronSchedulerTest {
  private static BackupPolicy policy(String schedule, String zone) {
    return new BackupPolicy(schedule, ZoneId.of(zone), BackupPolicy.DEFAULT.keep());
  }

  @Test
  void runsMissedDuringDowntimeAreDueOnceWhenDeclared() {
    List<String> due = new CopyOnWriteArrayList<>();
    // Quartz reads the date of the machine, and must not reach these times.
    Clock now = Clock.fixed(Instant.parse("2126-11-25T12:00:00Z"), ZoneOffset.UTC);
    try (CronScheduler clock = new CronScheduler(due::add, now)) {
      Map<String, BackupPolicy> policies =
          Map.of(
              "missed", policy("0 3 * * *", "UTC"),
              "made", policy("0 3 * * *", "UTC"),
              "fresh", policy("0 3 * * *", "UTC"));
      Map<String, Instant> lastRun =
          Map.of(
              "missed", Instant.parse("2126-11-22T03:00:10Z"),
              "made", Instant.parse("2126-11-25T03:00:10Z"));
      clock.declare(policies, name -> Optional.ofNullable(lastRun.get(name)));
      clock.declare(policies, name -> Optional.ofNullable(lastRun.get(name)));
      assertThat(due).containsExactly("missed");
      BackupPolicy daily = policy("0 3 * * *", "UTC");
      assertThat(clock.next(daily)).contains(Instant.parse("2126-11-26T03:00:00Z"));
      assertThat(clock.interval(daily)).isEqualTo(Duration.ofDays(1));
    }
  }

  @Test
  void aScheduleCanBeReplacedAndRemoved() {
    try (CronScheduler clock = new CronScheduler(name -> {}, Clock.systemUTC())) {
      // No 31 February occurs, but Mondays in February do.
      List<String> schedules =
          List.of("0 3 */2 * 1", "0 3 1 * 1", "0 3 29 2 */7", "0 3 * * *", "0 3 31 2 1");
      for (String schedule : schedules) {
        clock.declare(Map.of("garden", policy(schedule, "UTC")), name -> Optional.empty());
        assertThat(clock.next(policy(schedule, "UTC"))).isPresent();
        clock.declare(Map.of(), name -> Optional.empty());
        clock.declare(Map.of("garden", policy("5 3 */2 * 2", "UTC")), name -> Optional.empty());
      }
    }
  }

  @Test
  void schedulesFollowADateThatIsSetBack() {
    Instant date = Instant.now();
    Instant wrong = date.plus(Duration.ofDays(3650));
    SettableClock clock = new SettableClock(wrong);
    try (CronScheduler scheduler = new CronScheduler(name -> {}, clock)) {
      scheduler.declare(
          Map.of(
              "hourly", policy("0 * * * *", "UTC"),
              "weekly", policy("0 3 * * 1", "UTC"),
              "either", policy("0 3 1 * 1", "UTC")),
          name -> Optional.empty());
      Instant planned = scheduler.planned("hourly").orElseThrow();
      assertThat(planned).isBetween(wrong, wrong.plus(Duration.ofHours(1)));
      clock.set(wrong.minus(Duration.ofHours(2)));
      scheduler.followDate();
      assertThat(scheduler.planned("hourly")).as("not twice").hasValue(planned);

      clock.set(date);
      scheduler.followDate();
      for (String name : List.of("hourly", "weekly", "either")) {
        assertThat(scheduler.planned(name).orElseThrow())
            .as(name)
            .isBetween(date, date.plus(Duration.ofDays(8)));
      }
    }
  }

  /** Takes up to one minute. */
  @Tag("long")
  @Test
  void quartzFiresAtTheScheduledTime() {
    List<String> due = new CopyOnWriteArrayList<>();
    try (CronScheduler clock = new CronScheduler(due::add, Clock.systemUTC())) {
      clock.declare(Map.of("garden", policy("* * * * *", "UTC")), name -> Optional.empty());
      Awaitility.await().atMost(Duration.ofSeconds(100)).until(() -> due.contains("garden"));
    }
  }

  /** Takes up to one minute, because Quartz reads the date of the machine. */
  @Tag("long")
  @Test
  void quartzFiresAfterTheDateIsSetBack() {
    List<String> due = new CopyOnWriteArrayList<>();
    SettableClock clock = new SettableClock(Instant.now().plus(Duration.ofDays(3650)));
    try (CronScheduler scheduler = new CronScheduler(due::add, clock)) {
      scheduler.declare(Map.of("garden", policy("* * * * *", "UTC")), name -> Optional.empty());
      clock.set(Instant.now());
      scheduler.followDate();
      Awaitility.await().atMost(Duration.ofSeconds(100)).until(() -> due.contains("garden"));
    }
  }
}
