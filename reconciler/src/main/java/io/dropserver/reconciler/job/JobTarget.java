package io.dropserver.reconciler.job;

import io.dropserver.schema.instance.AppJob;
import io.dropserver.schema.instance.JobSettings;
import java.util.List;

/**
 * A declared appspace, as the scheduler of jobs sees it.
 *
 * @param identity survives renames and restores; determines the delay of the appspace's jobs
 * @param jobs of the app version in service; empty unless the state is {@code SERVING}
 */
public record JobTarget(
    String appspace, String identity, State state, List<AppJob> jobs, JobSettings settings) {

  /** Whether jobs of an appspace run. */
  public enum State {
    SERVING,

    /** Due jobs are skipped. */
    PAUSED,

    /** No version is in service yet. Due jobs wait. */
    STARTING
  }
}
