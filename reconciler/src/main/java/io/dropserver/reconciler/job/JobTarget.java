package io.dropserver.reconciler.job;

import io.dropserver.base.text.Sha256;
import io.dropserver.schema.instance.AppJob;
import io.dropserver.schema.instance.Cron;
import io.dropserver.schema.instance.JobSettings;
import io.dropserver.schema.instance.Schedule;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

/**
 * A declared appspace, as the scheduler of jobs sees it.
 *
 * @param identity survives renames and restores; determines the delay of the appspace's jobs
 * @param jobs of the app version in service; empty unless the state is {@code SERVING}
 */
public record JobTarget(
    String appspace, String identity, State state, List<AppJob> jobs, JobSettings settings) {
  /** All delays are shorter, so that a job starts less than a minute after its due time. */
  static final Duration LONGEST_DELAY = Duration.ofSeconds(55);

  /** Whether jobs of an appspace run. */
  public enum State {
    SERVING,

    /** Due jobs are skipped. */
    PAUSED,

    /** No version is in service yet. Due jobs wait. */
    STARTING
  }

  /** Returns when a job is due, if it is enabled. */
  Schedule schedule(AppJob job) {
    return new Schedule(Cron.of(settings.scheduleOf(job)), settings.zone(), delay());
  }

  /** Returns the delay of all jobs, which spreads jobs with the same schedule over a minute. */
  Duration delay() {
    long hash = ByteBuffer.wrap(Sha256.of("job " + identity)).getLong();
    return Duration.ofMillis(Math.floorMod(hash, LONGEST_DELAY.toMillis()));
  }
}
