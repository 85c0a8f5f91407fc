package io.dropserver.schema.instance;

import java.time.ZoneId;

/**
 * When an appspace is backed up and what is kept.
 *
 * @param schedule five-field cron, checked when read
 * @param zone in which the schedule is meant
 */
public record BackupPolicy(String schedule, ZoneId zone, Keep keep) {

  public static final BackupPolicy DEFAULT =
      new BackupPolicy("0 3 * * *", ZoneId.of("UTC"), new Keep(0, 0, 7, 4, 6, 0));

  /** How many snapshots of each kind are kept; 0 keeps none of that kind. */
  public record Keep(int last, int hourly, int daily, int weekly, int monthly, int yearly) {}
}
