package io.dropserver.control;

import java.time.Instant;
import java.util.Optional;

/**
 * The status of one job of an appspace.
 *
 * @param schedule the schedule and its time zone
 * @param running whether a run has started and not ended
 * @param failing whether the last run failed
 * @param lastRun when the last run started; empty before the first one
 * @param result the result of the last run; empty before the end of the first one
 * @param next when the next run is due; empty while the job is disabled or paused
 */
public record JobStatus(
    String name,
    String schedule,
    boolean running,
    boolean failing,
    Optional<Instant> lastRun,
    String result,
    Optional<Instant> next) {}
