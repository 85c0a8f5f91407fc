package io.dropserver.reconciler.job;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Optional;

/** Registers metrics of jobs. Their values are computed at each scrape. */
public final class JobMetrics {
  private JobMetrics() {}

  public static void bindTo(MeterRegistry registry, JobStore store, JobScheduler scheduler) {
    Gauge.builder("dropserver.jobs.failing", store, JobMetrics::failing)
        .description("Jobs whose last run failed")
        .register(registry);
    Gauge.builder("dropserver.jobs.running", scheduler, JobScheduler::running)
        .description("Jobs that run now")
        .register(registry);
    FunctionCounter.builder("dropserver.jobs.runs", scheduler, JobScheduler::succeeded)
        .description("Runs of jobs since the start")
        .tag("result", "succeeded")
        .register(registry);
    FunctionCounter.builder("dropserver.jobs.runs", scheduler, JobScheduler::failed)
        .description("Runs of jobs since the start")
        .tag("result", "failed")
        .register(registry);
  }

  private static double failing(JobStore store) {
    return store.all().stream().map(JobState::failingSince).filter(Optional::isPresent).count();
  }
}
