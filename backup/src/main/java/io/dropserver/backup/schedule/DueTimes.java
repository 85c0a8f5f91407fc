package io.dropserver.backup.schedule;

import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;

/** The due times of a five-field schedule in a time zone, evaluated by Quartz. Immutable. */
public final class DueTimes {
  private final CronTriggers triggers;

  /**
   * @throws IllegalArgumentException if the schedule is invalid
   */
  public DueTimes(String schedule, ZoneId zone) {
    this.triggers = new CronTriggers(schedule, zone);
  }

  /** Returns the first due time after an instant; empty if there is none. */
  public Optional<Instant> nextAfter(Instant after) {
    return triggers.nextAfter(after);
  }
}
