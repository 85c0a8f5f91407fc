package io.dropserver.backup.schedule;

import io.dropserver.schema.instance.BackupPolicy;
import io.dropserver.schema.instance.Cron;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.TimeZone;
import java.util.stream.Collectors;
import org.quartz.CronExpression;
import org.quartz.CronScheduleBuilder;
import org.quartz.CronTrigger;
import org.quartz.TriggerBuilder;

/**
 * Translates a five-field schedule to Quartz expressions. Quartz counts days of the week from 1
 * (Sunday), requires {@code ?} for one of the two day fields, and cannot express day of month
 * <em>or</em> day of week, which becomes two triggers. Immutable.
 */
final class CronTriggers {
  private static final int HOURS = 24;
  private static final int MINUTES = 60;
  private static final int MONTHS = 12;
  private static final int DAYS_OF_MONTH = 31;
  private static final int DAYS_OF_WEEK = 7;

  private final Cron cron;
  private final ZoneId zone;
  private final List<String> expressions;

  private CronTriggers(Cron cron, ZoneId zone) {
    this.cron = cron;
    this.zone = zone;
    this.expressions = expressions(cron);
  }

  /**
   * @throws IllegalArgumentException if the schedule is invalid, which the reader has already
   *     checked
   */
  static CronTriggers of(BackupPolicy policy) {
    return switch (Cron.parse(policy.schedule())) {
      case Cron.Valid(Cron cron) -> new CronTriggers(cron, policy.zone());
      case Cron.Invalid(String message, String _) -> throw new IllegalArgumentException(message);
    };
  }

  List<String> expressions() {
    return expressions;
  }

  /**
   * Returns whether the day matches. A day may have to match both day fields, as in {@code 0 3
   * *}{@code /2 * 1}. Quartz checks only one of them, and this method checks both.
   */
  boolean isDue(Instant at) {
    ZonedDateTime local = at.atZone(zone);
    boolean dayOfMonth = cron.daysOfMonth().get(local.getDayOfMonth());
    boolean dayOfWeek = cron.daysOfWeek().get(local.getDayOfWeek().getValue() % DAYS_OF_WEEK);
    return cron.eitherDay() ? dayOfMonth || dayOfWeek : dayOfMonth && dayOfWeek;
  }

  List<CronTrigger> triggers(String name, String group) {
    List<CronTrigger> triggers = new ArrayList<>();
    for (int i = 0; i < expressions.size(); i++) {
      triggers.add(
          TriggerBuilder.newTrigger()
              .withIdentity(name + "/" + i, group)
              .forJob(name, group)
              .withSchedule(
                  // The caller handles missed times, see BackupClock.
                  CronScheduleBuilder.cronSchedule(expressions.get(i))
                      .inTimeZone(TimeZone.getTimeZone(zone))
                      .withMisfireHandlingInstructionDoNothing())
              .build());
    }
    return triggers;
  }

  /** Returns the next due time. */
  Optional<Instant> nextAfter(Instant after) {
    Optional<Instant> next = Optional.empty();
    for (String expression : expressions) {
      Date from = Date.from(after);
      for (Date at = next(expression, from); at != null; at = next(expression, at)) {
        Instant instant = at.toInstant();
        if (isDue(instant)) {
          next = next.filter(best -> best.isBefore(instant)).or(() -> Optional.of(instant));
          break;
        }
      }
    }
    return next;
  }

  private @org.jspecify.annotations.Nullable Date next(String expression, Date after) {
    try {
      CronExpression cronExpression = new CronExpression(expression);
      cronExpression.setTimeZone(TimeZone.getTimeZone(zone));
      return cronExpression.getNextValidTimeAfter(after);
    } catch (java.text.ParseException e) {
      throw new IllegalStateException("not Quartz's language: " + expression, e);
    }
  }

  private static List<String> expressions(Cron cron) {
    String time = "0 " + list(cron.minutes(), MINUTES, 0) + " " + list(cron.hours(), HOURS, 0);
    String months = list(cron.months(), MONTHS, 0);
    String days = list(cron.daysOfMonth(), DAYS_OF_MONTH, 0);
    String weekdays = list(cron.daysOfWeek(), DAYS_OF_WEEK, 1);
    String onDays = time + " " + days + " " + months + " ?";
    String onWeekdays = time + " ? " + months + " " + weekdays;
    if (cron.eitherDay()) {
      return List.of(onDays, onWeekdays);
    }
    return List.of(weekdays.equals("*") ? onDays : onWeekdays);
  }

  private static String list(BitSet set, int full, int shift) {
    return set.cardinality() == full
        ? "*"
        : set.stream()
            .mapToObj(each -> Integer.toString(each + shift))
            .collect(Collectors.joining(","));
  }
}
