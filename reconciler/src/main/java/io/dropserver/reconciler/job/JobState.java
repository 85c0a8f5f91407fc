package io.dropserver.reconciler.job;

import io.dropserver.control.JobStatus;
import java.time.Instant;
import java.util.Optional;

/**
 * The recorded state of one job.
 *
 * @param plan the schedule and time zone for which {@code next} was computed
 * @param next when the job is due, with the delay of its appspace; empty while it is disabled or
 *     paused
 * @param startedAt when the last run started
 * @param finishedAt when that run ended; empty while it runs
 * @param failingSince empty if the last run succeeded
 * @param message the result of the last run
 */
public record JobState(
    Key key,
    String plan,
    Optional<Instant> next,
    Optional<Instant> startedAt,
    Optional<Instant> finishedAt,
    Optional<Instant> failingSince,
    String message) {

  /** Identifies a job. */
  public record Key(String appspace, String name) {}

  public boolean isRunning() {
    return startedAt.isPresent() && finishedAt.isEmpty();
  }

  JobStatus status() {
    return new JobStatus(
        key.name(), plan, isRunning(), failingSince.isPresent(), startedAt, message, next);
  }
}
