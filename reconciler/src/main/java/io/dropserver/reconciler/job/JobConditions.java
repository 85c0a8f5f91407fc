package io.dropserver.reconciler.job;

import io.dropserver.control.JobStatus;
import io.dropserver.reconciler.status.Conditions;
import io.dropserver.schema.instance.AppJob;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.state.condition.AppspaceReason;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Derives the status of jobs, and the condition of an appspace with failing jobs. Thread-safe.
 *
 * @param declaredJobs the jobs of the version that an appspace serves; empty if none is served
 */
public record JobConditions(JobStore store, Function<String, Optional<List<AppJob>>> declaredJobs) {

  public List<JobStatus> status(String appspace) {
    return store.of(appspace).stream().map(JobState::status).toList();
  }

  /** Returns {@code JobFailing}; empty if all last runs succeeded. */
  public Optional<Condition> failing(Appspace appspace) {
    List<JobState> failing =
        store.of(appspace.name()).stream()
            .filter(state -> state.failingSince().isPresent())
            // A disabled job does not run again and cannot recover.
            .filter(state -> state.next().isPresent())
            .sorted(Comparator.comparing(state -> state.failingSince().orElseThrow()))
            .toList();
    if (failing.isEmpty()) {
      return unknown(appspace);
    }
    JobState first = failing.getFirst();
    String more = failing.size() == 1 ? "" : " (and %d more)".formatted(failing.size() - 1);
    return Optional.of(
        Conditions.raised(
            ConditionType.JOB_FAILING,
            AppspaceReason.JOB_FAILED,
            "the last run of the job %s failed: %s%s; `dropserver logs %s`"
                .formatted(first.key().name(), first.message(), more, appspace.name()),
            first.failingSince().orElseThrow()));
  }

  private Optional<Condition> unknown(Appspace appspace) {
    Optional<List<AppJob>> declared = declaredJobs.apply(appspace.name());
    return appspace.jobs().overrides().entrySet().stream()
        .filter(
            entry ->
                declared
                    .filter(jobs -> jobs.stream().noneMatch(j -> j.name().equals(entry.getKey())))
                    .isPresent())
        .findFirst()
        .map(
            entry ->
                Conditions.raised(
                    ConditionType.JOB_FAILING,
                    AppspaceReason.UNKNOWN_JOB,
                    "%s: jobs.overrides names the job %s, which this version of the app does not declare; correct or remove the entry"
                        .formatted(entry.getValue().location(), entry.getKey()),
                    Instant.EPOCH));
  }
}
