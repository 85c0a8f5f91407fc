package io.dropserver.backup.schedule;

import io.dropserver.schema.instance.BackupPolicy;
import io.dropserver.schema.instance.Cron;
import java.time.Instant;
import java.time.ZoneId;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.TimeZone;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.quartz.Calendar;
import org.quartz.CronScheduleBuilder;
import org.quartz.CronTrigger;
import org.quartz.TriggerBuilder;
import org.quartz.impl.calendar.WeeklyCalendar;
import org.quartz.spi.OperableTrigger;

/**
 * Converts a five-field schedule to Quartz triggers. Quartz counts days of the week from 1 (Sunday)
 * and does not accept both day fields in one expression. A schedule that is due on days that match
 * either field has two triggers. If days must match both fields, as in {@code 0 3 *}{@code /2 * 1},
 * the trigger uses the day of month, and a Quartz calendar excludes the other days of the week.
 * Immutable.
 */
final class CronTriggers {
  private static final int HOURS = 24;
  private static final int MINUTES = 60;
  private static final int MONTHS = 12;
  private static final int DAYS_OF_MONTH = 31;
  private static final int DAYS_OF_WEEK = 7;

  private final List<String> expressions;
  private final BitSet excludedWeekdays;
  private final TimeZone zone;

  /**
   * @throws IllegalArgumentException if the schedule is invalid, which the reader has already
   *     checked
   */
  CronTriggers(BackupPolicy policy) {
    this(policy.schedule(), policy.zone());
  }

  /**
   * @throws IllegalArgumentException if the schedule is invalid
   */
  CronTriggers(String schedule, ZoneId timeZone) {
    Cron cron =
        switch (Cron.parse(schedule)) {
          case Cron.Valid(Cron valid) -> valid;
          case Cron.Invalid(String message, String _) ->
              throw new IllegalArgumentException(message);
        };
    String time = "0 " + list(cron.minutes(), MINUTES, 0) + " " + list(cron.hours(), HOURS, 0);
    String days = list(cron.daysOfMonth(), DAYS_OF_MONTH, 0);
    String months = list(cron.months(), MONTHS, 0);
    String onDays = time + " " + days + " " + months + " ?";
    String onWeekdays = time + " ? " + months + " " + list(cron.daysOfWeek(), DAYS_OF_WEEK, 1);
    excludedWeekdays = new BitSet();
    if (cron.eitherDay()) {
      // Quartz refuses a trigger that never fires, such as on 31 February.
      expressions = cron.datesOccur() ? List.of(onDays, onWeekdays) : List.of(onWeekdays);
    } else {
      expressions = List.of(days.equals("*") ? onWeekdays : onDays);
      excludedWeekdays.set(0, DAYS_OF_WEEK);
      excludedWeekdays.andNot(cron.daysOfWeek());
    }
    // Without normalized(), a TimeZone takes UTC+02:00, which a ZoneId may be, for GMT.
    zone = TimeZone.getTimeZone(timeZone.normalized());
  }

  private static String list(BitSet set, int full, int shift) {
    return set.cardinality() == full
        ? "*"
        : set.stream()
            .mapToObj(each -> Integer.toString(each + shift))
            .collect(Collectors.joining(","));
  }

  List<String> expressions() {
    return expressions;
  }

  /** Returns the days on which the triggers do not fire. */
  Calendar calendar() {
    WeeklyCalendar calendar = new WeeklyCalendar(zone);
    for (int day = 0; day < DAYS_OF_WEEK; day++) {
      calendar.setDayExcluded(day + 1, excludedWeekdays.get(day));
    }
    return calendar;
  }

  /** Returns triggers of the job that use the scheduler's calendar of the same name. */
  List<CronTrigger> triggers(String job, String group, Instant from) {
    Date start = Date.from(from);
    return builders()
        .map(builder -> builder.forJob(job, group).modifiedByCalendar(job).startAt(start).build())
        .toList();
  }

  /** Returns the next due time. */
  Optional<Instant> nextAfter(Instant after) {
    // Quartz fires at the start time too, and ignores its milliseconds.
    Date start = Date.from(after.plusSeconds(1));
    return builders()
        .map(builder -> (OperableTrigger) builder.startAt(start).build())
        .flatMap(trigger -> Stream.ofNullable(trigger.computeFirstFireTime(calendar())))
        .map(Date::toInstant)
        .min(Comparator.naturalOrder());
  }

  private Stream<TriggerBuilder<CronTrigger>> builders() {
    return expressions.stream()
        .map(
            expression ->
                TriggerBuilder.newTrigger()
                    .withSchedule(
                        // CronScheduler reports missed runs.
                        CronScheduleBuilder.cronSchedule(expression)
                            .inTimeZone(zone)
                            .withMisfireHandlingInstructionDoNothing()));
  }
}
