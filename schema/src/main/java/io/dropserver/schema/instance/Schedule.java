package io.dropserver.schema.instance;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;

/**
 * Decides when a backup or a job is due: at the times of a cron schedule in a time zone, each later
 * by the same delay. Work whose planned time has passed is due once, however many times passed.
 */
public record Schedule(Cron cron, ZoneId zone, Duration delay) {

  /** As in cron(8), a larger step of the date back is a correction. */
  private static final Duration CORRECTION = Duration.ofHours(3);

  /** Returns the cron schedule and the time zone. */
  public String text() {
    return cron.text() + " " + zone;
  }

  /** Returns the first due time after an instant; empty if there is none within a century. */
  public Optional<Instant> next(Instant after) {
    return cron.next(after.minus(delay), zone).map(due -> due.plus(delay));
  }

  /** Returns the time between the next two due times; zero if there are not two. */
  public Duration interval(Instant now) {
    return next(now)
        .flatMap(next -> next(next).map(after -> Duration.between(next, after)))
        .orElse(Duration.ZERO);
  }

  /**
   * Returns the planned time, or the next due time if no time was planned or the date was corrected
   * since. After a smaller step back the planned time stays, so that no work runs twice.
   */
  public Optional<Instant> replan(Optional<Instant> planned, Instant now) {
    Optional<Instant> latest = next(now.plus(CORRECTION));
    return planned.filter(at -> latest.filter(at::isAfter).isEmpty()).or(() -> next(now));
  }
}
