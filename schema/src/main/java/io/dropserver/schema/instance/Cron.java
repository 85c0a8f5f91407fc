package io.dropserver.schema.instance;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A validated cron schedule with five fields: minute, hour, day of month, month, day of week (0 and
 * 7 are Sunday). As in crontab(5), if both day fields are restricted, a day matches when either of
 * them does.
 *
 * @param text as written, with single spaces
 * @param daysOfWeek 0 is Sunday
 * @param eitherDay whether both day fields are restricted, so that a match of either is enough
 */
public record Cron(
    String text,
    BitSet minutes,
    BitSet hours,
    BitSet daysOfMonth,
    BitSet months,
    BitSet daysOfWeek,
    boolean eitherDay) {

  /** A 29 February on a given day of the week occurs within 40 years. */
  private static final int SEARCHED_YEARS = 100;

  private static final List<String> MONTHS =
      List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
  private static final List<String> DAYS = List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");

  /** A schedule, or the reason why the text is invalid. */
  public sealed interface CronResult {}

  public record Valid(Cron cron) implements CronResult {}

  public record Invalid(String message, String hint) implements CronResult {}

  /** One of the five fields. */
  private record CronField(String name, int min, int max, List<String> words) {}

  private static final List<CronField> FIELDS =
      List.of(
          new CronField("minute", 0, 59, List.of()),
          new CronField("hour", 0, 23, List.of()),
          new CronField("day of month", 1, 31, List.of()),
          new CronField("month", 1, 12, MONTHS),
          new CronField("day of week", 0, 7, DAYS));

  /**
   * Returns a schedule that was checked when it was read.
   *
   * @throws IllegalArgumentException if the schedule is invalid
   */
  public static Cron of(String text) {
    return switch (parse(text)) {
      case Valid(Cron cron) -> cron;
      case Invalid(String message, String _) -> throw new IllegalArgumentException(message);
    };
  }

  public static CronResult parse(String text) {
    String[] parts = text.strip().split("\\s+", -1);
    if (text.startsWith("@") || parts.length != FIELDS.size()) {
      return new Invalid(
          "a schedule has five fields; this schedule has " + (text.isBlank() ? 0 : parts.length),
          "minute, hour, day of month, month, day of week, as in \"0 3 * * *\"");
    }
    BitSet[] sets = new BitSet[FIELDS.size()];
    for (int i = 0; i < sets.length; i++) {
      Optional<BitSet> set = field(FIELDS.get(i), parts[i]);
      if (set.isEmpty()) {
        CronField cronField = FIELDS.get(i);
        return new Invalid(
            "the field " + cronField.name() + " cannot be read",
            "write " + cronField.min() + " to " + cronField.max() + ", *, 1-5, 1,3 or */15");
      }
      sets[i] = set.get();
    }
    sundayIsZero(sets[4]);
    boolean eitherDay = !parts[2].startsWith("*") && !parts[4].startsWith("*");
    String clean = String.join(" ", parts);
    Cron cron = new Cron(clean, sets[0], sets[1], sets[2], sets[3], sets[4], eitherDay);
    return cron.everFires()
        ? new Valid(cron)
        : new Invalid("this date never occurs", "the month does not have this many days");
  }

  private static void sundayIsZero(BitSet days) {
    if (days.get(7)) {
      days.set(0);
      days.clear(7);
    }
  }

  private static Optional<BitSet> field(CronField cronField, String text) {
    BitSet set = new BitSet();
    for (String item : text.split(",", -1)) {
      if (!add(set, cronField, item)) {
        return Optional.empty();
      }
    }
    return Optional.of(set);
  }

  private static boolean add(BitSet set, CronField cronField, String item) {
    String[] rangeAndStep = item.split("/", -1);
    if (rangeAndStep.length > 2) {
      return false;
    }
    Optional<int[]> range = range(cronField, rangeAndStep[0]);
    int step = rangeAndStep.length == 1 ? 1 : number(rangeAndStep[1]);
    boolean stepOfOne = rangeAndStep.length == 2 && !rangeAndStep[0].matches("\\*|.*-.*");
    if (range.isEmpty() || step < 1 || stepOfOne) {
      return false;
    }
    for (int i = range.get()[0]; i <= range.get()[1]; i += step) {
      set.set(i);
    }
    return true;
  }

  private static Optional<int[]> range(CronField cronField, String text) {
    if (text.equals("*")) {
      int last = cronField.max() == 7 ? 6 : cronField.max();
      return Optional.of(new int[] {cronField.min(), last});
    }
    String[] ends = text.split("-", -1);
    int from = value(cronField, ends[0]);
    int to = value(cronField, ends[ends.length - 1]);
    boolean valid =
        ends.length <= 2 && from >= cronField.min() && to >= from && to <= cronField.max();
    return valid ? Optional.of(new int[] {from, to}) : Optional.empty();
  }

  private static int value(CronField cronField, String text) {
    int word = cronField.words().indexOf(text.toLowerCase(Locale.ROOT));
    return word >= 0 ? word + cronField.min() : number(text);
  }

  /** Parses a number; -1 if the text is not one. */
  private static int number(String text) {
    return text.matches("[0-9]{1,3}") ? Integer.parseInt(text) : -1;
  }

  /**
   * Returns the first due time after an instant; empty if there is none within a century. A local
   * time that the clock skips is not due. Of a local time that it repeats, the second is due.
   */
  public Optional<Instant> next(Instant after, ZoneId zone) {
    LocalDate first = after.atZone(zone).toLocalDate().minusDays(1);
    return first
        .datesUntil(first.plusYears(SEARCHED_YEARS))
        .filter(this::isOn)
        .flatMap(date -> times(date, zone))
        .filter(time -> time.isAfter(after))
        .findFirst();
  }

  private boolean isOn(LocalDate date) {
    boolean day = daysOfMonth.get(date.getDayOfMonth());
    boolean weekday = daysOfWeek.get(date.getDayOfWeek().getValue() % DAYS.size());
    return months.get(date.getMonthValue()) && (eitherDay ? day || weekday : day && weekday);
  }

  private Stream<Instant> times(LocalDate date, ZoneId zone) {
    return hours.stream()
        .boxed()
        .flatMap(hour -> minutes.stream().mapToObj(minute -> date.atTime(hour, minute)))
        .flatMap(
            time -> {
              List<ZoneOffset> offsets = zone.getRules().getValidOffsets(time);
              return offsets.isEmpty()
                  ? Stream.empty()
                  : Stream.of(time.toInstant(offsets.getLast()));
            });
  }

  private boolean everFires() {
    return eitherDay || datesOccur();
  }

  /** Returns whether one of the months has one of the days of the month, also in a leap year. */
  private boolean datesOccur() {
    int[] longest = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int first = daysOfMonth.nextSetBit(1);
    return months.stream().anyMatch(month -> first <= longest[month - 1]);
  }
}
