package io.dropserver.schema.instance;

import java.time.ZoneId;

/**
 * The schedule of an appspace's backups, and the number of snapshots that are kept.
 *
 * @param schedule a five-field cron expression, already validated
 * @param zone the time zone of the schedule
 */
public record BackupPolicy(String schedule, ZoneId zone, Keep keep) {

  public static final BackupPolicy DEFAULT =
      new BackupPolicy("0 3 * * *", ZoneId.of("UTC"), new Keep(0, 0, 7, 4, 6, 0));

  /** The number of snapshots to keep per interval; 0 keeps none. */
  public record Keep(int last, int hourly, int daily, int weekly, int monthly, int yearly) {}
}
