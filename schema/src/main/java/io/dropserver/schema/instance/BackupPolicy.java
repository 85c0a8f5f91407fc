package io.dropserver.schema.instance;

import java.time.Duration;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * The schedule of an appspace's backups, and the number of snapshots that are kept.
 *
 * @param schedule a five-field cron expression, already validated
 * @param zone the time zone of the schedule
 */
public record BackupPolicy(String schedule, ZoneId zone, Keep keep) {

  public static final BackupPolicy DEFAULT =
      new BackupPolicy("0 3 * * *", ZoneId.of("UTC"), new Keep(0, 0, 7, 4, 6, 0));

  /** Returns when backups are due. */
  public Schedule times() {
    return new Schedule(Cron.of(schedule), zone, Duration.ZERO);
  }

  /** The number of snapshots to keep per interval; 0 keeps none. */
  public record Keep(int last, int hourly, int daily, int weekly, int monthly, int yearly) {
    /**
     * Returns the longest time for which a snapshot is kept while backups continue.
     *
     * @param interval the time between two backups
     */
    public Duration longest(Duration interval) {
      return Stream.of(
              span(Math.max(1, last), Duration.ZERO, interval),
              span(hourly, Duration.ofHours(1), interval),
              span(daily, Duration.ofDays(1), interval),
              span(weekly, Duration.ofDays(7), interval),
              span(monthly, Duration.ofDays(31), interval),
              span(yearly, Duration.ofDays(366), interval))
          .max(Comparator.naturalOrder())
          .orElseThrow();
    }

    /** A period without a backup does not count. */
    private static Duration span(int count, Duration period, Duration interval) {
      return (period.compareTo(interval) > 0 ? period : interval).multipliedBy(count);
    }
  }
}
