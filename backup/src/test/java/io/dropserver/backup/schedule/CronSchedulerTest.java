package io.dropserver.backup.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.Cron;
import io.dropserver.schema.instance.Schedule;
import io.dropserver.testing.SettableClock;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class CronSchedulerTest {
  private static Schedule schedule(String cron) {
    return new Schedule(Cron.of(cron), ZoneOffset.UTC, Duration.ZERO);
  }

  @Test
  void runsMissedDuringDowntimeAreDueOnceWhenDeclared() {
    List<String> due = new CopyOnWriteArrayList<>();
    // Quartz reads the date of the machine, and must not reach these times.
    Clock now = Clock.fixed(Instant.parse("2126-11-25T12:00:00Z"), ZoneOffset.UTC);
    try (CronScheduler clock = new CronScheduler(due::add, now)) {
      Map<String, Schedule> schedules =
          Map.of(
              "missed", schedule("0 3 * * *"),
              "made", schedule("0 3 * * *"),
              "fresh", schedule("0 3 * * *"));
      Map<String, Instant> lastRun =
          Map.of(
              "missed", Instant.parse("2126-11-22T03:00:10Z"),
              "made", Instant.parse("2126-11-25T03:00:10Z"));
      clock.declare(schedules, name -> Optional.ofNullable(lastRun.get(name)));
      clock.declare(schedules, name -> Optional.ofNullable(lastRun.get(name)));
      assertThat(due).containsExactly("missed");
      assertThat(schedules.keySet())
          .allSatisfy(
              name ->
                  assertThat(clock.planned(name)).contains(Instant.parse("2126-11-26T03:00:00Z")));
    }
  }

  @Test
  void aSmallCorrectionOfTheDateDuringDowntimeRepeatsNoRun() {
    Clock corrected = Clock.fixed(Instant.parse("2126-11-25T02:10:00Z"), ZoneOffset.UTC);
    try (CronScheduler scheduler = new CronScheduler(name -> {}, corrected)) {
      scheduler.declare(
          Map.of("garden", schedule("0 3 * * *")),
          name -> Optional.of(Instant.parse("2126-11-25T03:00:10Z")));
      assertThat(scheduler.planned("garden")).contains(Instant.parse("2126-11-26T03:00:00Z"));
    }
  }

  @Test
  void aScheduleCanBeReplacedAndRemoved() {
    try (CronScheduler clock = new CronScheduler(name -> {}, Clock.systemUTC())) {
      // No 31 February occurs, but Mondays in February do.
      List<String> schedules =
          List.of("0 3 */2 * 1", "0 3 1 * 1", "0 3 29 2 */7", "0 3 * * *", "0 3 31 2 1");
      for (String schedule : schedules) {
        clock.declare(Map.of("garden", schedule(schedule)), name -> Optional.empty());
        assertThat(clock.planned("garden")).isPresent();
        clock.declare(Map.of(), name -> Optional.empty());
        clock.declare(Map.of("garden", schedule("5 3 */2 * 2")), name -> Optional.empty());
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
              "hourly", schedule("0 * * * *"),
              "weekly", schedule("0 3 * * 1"),
              "either", schedule("0 3 1 * 1")),
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
      clock.declare(Map.of("garden", schedule("* * * * *")), name -> Optional.empty());
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
      scheduler.declare(Map.of("garden", schedule("* * * * *")), name -> Optional.empty());
      clock.set(Instant.now());
      scheduler.followDate();
      Awaitility.await().atMost(Duration.ofSeconds(100)).until(() -> due.contains("garden"));
    }
  }
}
