package io.dropserver.schema.instance;

import static io.dropserver.testing.property.Property.forAll;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.testing.property.Generator;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CronTest {
  private static final Duration SEARCHED = Duration.ofDays(35);

  private static Optional<Instant> next(String schedule, String zone, String after) {
    return Cron.of(schedule).next(Instant.parse(after), ZoneId.of(zone));
  }

  @Test
  void sundayIsTheFirstAndTheLastDayOfTheWeek() {
    // 2026-11-25 is a Wednesday.
    assertThat(next("0 3 * * 3", "UTC", "2026-11-24T12:00:00Z"))
        .contains(Instant.parse("2026-11-25T03:00:00Z"));
    assertThat(next("0 3 * * 7", "UTC", "2026-11-25T12:00:00Z"))
        .contains(Instant.parse("2026-11-29T03:00:00Z"));
  }

  @Test
  void anOffsetIsATimeZoneInEachOfItsForms() {
    for (String zone : List.of("+02:00", "UTC+2", "UTC+02:00", "GMT+2", "Africa/Cairo")) {
      assertThat(next("0 3 * * *", zone, "2026-11-24T12:00:00Z"))
          .as(zone)
          .contains(Instant.parse("2026-11-25T01:00:00Z"));
    }
  }

  @Test
  void aDayOfMonthOrADayOfWeekIsEnough() {
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
  void aTimeThatTheClockSkipsIsNotDueAndATimeThatItRepeatsIsDueOnce() {
    assertThat(next("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z"))
        .contains(Instant.parse("2026-03-30T00:30:00Z"));
    assertThat(next("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z"))
        .contains(Instant.parse("2026-10-25T01:30:00Z"));
    assertThat(next("30 2 * * *", "Europe/Berlin", "2026-10-25T01:30:00Z"))
        .contains(Instant.parse("2026-10-26T01:30:00Z"));
  }

  @Test
  void rareDaysAreFound() {
    // The next 29 February that is a Sunday.
    assertThat(next("* * 29 2 */7", "UTC", "2026-11-25T00:00:00Z"))
        .contains(Instant.parse("2032-02-29T00:00:00Z"));
    assertThat(next("0 0 */31 2 1", "UTC", "2026-11-25T00:00:00Z"))
        .contains(Instant.parse("2027-02-01T00:00:00Z"));
  }

  @Test
  void theNextTimeIsTheOneThatASearchMinuteByMinuteFinds() {
    Generator<ZoneId> zones =
        Generator.of(
                "UTC",
                "Europe/Berlin",
                "America/New_York",
                "Australia/Lord_Howe",
                "Asia/Kathmandu",
                "Africa/Cairo")
            .map(ZoneId::of);
    Generator<Instant> times =
        Generator.longs(
                Instant.parse("2026-01-01T00:00:00Z").toEpochMilli(),
                Instant.parse("2029-01-01T00:00:00Z").toEpochMilli())
            .map(Instant::ofEpochMilli);
    Generator<Schedule> schedules = CronTest::schedule;
    List<String> kinds = new ArrayList<>();
    forAll(
        600,
        schedules.filter(schedule -> Cron.parse(schedule.text()) instanceof Cron.Valid),
        zones,
        times,
        (schedule, zone, after) -> {
          Optional<Instant> next = Cron.of(schedule.text()).next(after, zone);
          Optional<Instant> found = schedule.search(zone, after);
          kinds.add(schedule.kind() + " " + found.isPresent());
          assertThat(next.filter(at -> at.isBefore(after.plus(SEARCHED)))).isEqualTo(found);
        });
    assertThat(kinds)
        .contains("* * true", "* 1 true", "1 * true", "1 1 true", "*/ 1 true", "1 */ true")
        .contains("1 1 false");
  }

  /** A field of a schedule, with the values that its text stands for. */
  private record Field(String text, BitSet values) {
    /** A field that begins with an asterisk does not count as restricted. */
    boolean isRestricted() {
      return !text.startsWith("*");
    }

    String kind() {
      return isRestricted() ? "1" : text.equals("*") ? "*" : "*/";
    }
  }

  private record Schedule(List<Field> fields) {
    String text() {
      return fields.stream().map(Field::text).collect(Collectors.joining(" "));
    }

    String kind() {
      return fields.get(2).kind() + " " + fields.get(4).kind();
    }

    Optional<Instant> search(ZoneId zone, Instant after) {
      long minute = after.getEpochSecond() / 60 + 1;
      return Stream.iterate(Instant.ofEpochSecond(minute * 60), at -> at.plusSeconds(60))
          .takeWhile(at -> at.isBefore(after.plus(SEARCHED)))
          .filter(at -> isDue(at.atZone(zone)))
          .findFirst();
    }

    private boolean isDue(ZonedDateTime at) {
      boolean day = has(2, at.getDayOfMonth());
      boolean weekday = has(4, at.getDayOfWeek().getValue() % 7);
      boolean either = fields.get(2).isRestricted() && fields.get(4).isRestricted();
      return has(0, at.getMinute())
          && has(1, at.getHour())
          && has(3, at.getMonthValue())
          && (either ? day || weekday : day && weekday)
          // When clocks are set back, the second of two equal local times counts.
          && at.equals(at.withLaterOffsetAtOverlap());
    }

    private boolean has(int field, int value) {
      return fields.get(field).values().get(value);
    }
  }

  private static Schedule schedule(Random random) {
    return new Schedule(
        List.of(
            field(random, 0, 59, 4),
            field(random, 0, 23, 3),
            field(random, 1, 31, 2),
            field(random, 1, 12, 4),
            weekdays(random)));
  }

  /** Both 0 and 7 are Sunday. */
  private static Field weekdays(Random random) {
    Field field = field(random, 0, 6, 2);
    return field.text().equals("0") && random.nextBoolean()
        ? new Field("7", field.values())
        : field;
  }

  /**
   * @param any one field in this many is an asterisk
   */
  private static Field field(Random random, int min, int max, int any) {
    BitSet values = new BitSet();
    if (random.nextInt(any) == 0) {
      values.set(min, max + 1);
      return new Field("*", values);
    }
    List<String> items = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      int kind = random.nextInt(4);
      int first = kind == 0 ? min : random.nextInt(min, max + 1);
      int last = kind == 0 ? max : kind == 1 ? first : random.nextInt(first, max + 1);
      int step = kind == 1 || kind == 2 ? 1 : random.nextInt(1, max + 1);
      String range = kind == 0 ? "*" : kind == 1 ? "" + first : first + "-" + last;
      items.add(range + (kind == 1 || kind == 2 ? "" : "/" + step));
      for (int value = first; value <= last; value += step) {
        values.set(value);
      }
    }
    return new Field(String.join(",", items), values);
  }
}
