package io.dropserver.reconciler.job;

import io.dropserver.base.text.Sha256;
import io.dropserver.schema.instance.AppJob;
import io.dropserver.schema.instance.Cron;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Computes when the jobs of an appspace start. */
final class JobPlan {
  /** All delays are shorter, so that a job starts less than a minute after its due time. */
  static final Duration LONGEST_DELAY = Duration.ofSeconds(55);

  /**
   * A step of the date back by more is a correction: jobs are planned by the new date, as cron(8)
   * does. After a smaller step they wait for their planned times, so that none runs twice.
   */
  private static final Duration CORRECTION = Duration.ofHours(3);

  private JobPlan() {}

  /**
   * Returns whether the date was set back a little since the last start of a job, so that a plan by
   * the new date could repeat this run.
   */
  static boolean mayRunTwice(Instant lastStart, Instant now) {
    return lastStart.isAfter(now) && !lastStart.isAfter(now.plus(CORRECTION));
  }

  /** Returns the schedule and time zone of a job as text. */
  static String text(JobTarget target, AppJob job) {
    return target.settings().scheduleOf(job) + " " + target.settings().zone();
  }

  /** Returns when a job starts next; empty if it is disabled. */
  static Optional<Instant> next(JobTarget target, AppJob job, Instant now) {
    if (!target.settings().isEnabled(job)) {
      return Optional.empty();
    }
    Duration delay = delay(target.identity());
    return Cron.of(target.settings().scheduleOf(job))
        .next(now.minus(delay), target.settings().zone())
        .map(due -> due.plus(delay));
  }

  /** Returns the delay of an appspace, which spreads jobs with the same schedule over a minute. */
  static Duration delay(String identity) {
    long hash = ByteBuffer.wrap(Sha256.of("job " + identity)).getLong();
    return Duration.ofMillis(Math.floorMod(hash, LONGEST_DELAY.toMillis()));
  }
}
