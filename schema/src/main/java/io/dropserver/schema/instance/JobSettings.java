package io.dropserver.schema.instance;

import java.time.ZoneId;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How the jobs of an app run in one appspace. Immutable.
 *
 * @param zone the time zone of all schedules
 * @param overrides by the name of the job
 */
public record JobSettings(ZoneId zone, SortedMap<String, JobOverride> overrides) {
  public static final JobSettings DEFAULT = new JobSettings(ZoneId.of("UTC"), new TreeMap<>());

  public JobSettings {
    overrides = Collections.unmodifiableSortedMap(new TreeMap<>(overrides));
  }

  /**
   * @param location of the entry
   * @param enabled whether the job runs
   * @param schedule replaces the schedule of the app
   */
  public record JobOverride(Location location, boolean enabled, Optional<String> schedule) {}

  public boolean isEnabled(AppJob job) {
    return !overrides.containsKey(job.name()) || overrides.get(job.name()).enabled();
  }

  /** Returns the schedule of a job in this appspace. */
  public String scheduleOf(AppJob job) {
    return Optional.ofNullable(overrides.get(job.name()))
        .flatMap(JobOverride::schedule)
        .orElse(job.schedule());
  }
}
