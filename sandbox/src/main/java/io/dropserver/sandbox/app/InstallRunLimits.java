package io.dropserver.sandbox.app;

import java.time.Duration;

/**
 * Limits of each run of an installation. A run that exceeds one of them is killed, and its slot is
 * free for another installation.
 *
 * @param dependencies time to fetch and compile dependencies
 * @param firstStart time of a first start, longer than {@code answer}, so that {@code
 *     first_start.ts} can report the reason
 * @param answer time until the app must have answered a request
 * @param bytes the most data that a run may leave in its writable folders
 * @param files the most files and folders in them
 */
record InstallRunLimits(
    Duration dependencies, Duration firstStart, Duration answer, long bytes, int files) {
  static final InstallRunLimits DEFAULT =
      new InstallRunLimits(
          Duration.ofMinutes(5), Duration.ofSeconds(45), Duration.ofSeconds(30), 1L << 30, 300_000);
}
