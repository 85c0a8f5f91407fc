package io.dropserver.server;

import io.dropserver.reconciler.job.CronDiscovery;
import io.dropserver.reconciler.job.CronRegistry;
import io.dropserver.reconciler.job.JobConditions;
import io.dropserver.reconciler.job.JobMetrics;
import io.dropserver.reconciler.job.JobScheduler;
import io.dropserver.reconciler.job.JobStore;
import io.dropserver.reconciler.job.JobTarget;
import io.dropserver.sandbox.lifecycle.Sandboxes;
import io.dropserver.schema.instance.AppJob;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.state.DataFolder;
import io.dropserver.web.access.OpenExchanges;
import io.dropserver.web.site.JobRequests;
import io.dropserver.web.upstream.UpstreamPool;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Builds the scheduler of jobs, and the status and metrics of jobs. */
record JobModule(
    JobStore store, JobConditions conditions, JobScheduler scheduler, CronDiscovery discovery) {

  static JobModule open(
      Stores stores,
      Sandboxes sandboxes,
      CronRegistry crons,
      OpenExchanges exchanges,
      int maxLive,
      Clock clock,
      OpenResources resources) {
    JobStore store = new JobStore(stores.database(), clock);
    UpstreamPool connections = resources.add("connections of jobs to apps", new UpstreamPool());
    Function<String, Optional<List<AppJob>>> declaredJobs =
        appspace ->
            sandboxes
                .spec(appspace)
                .map(spec -> crons.with(spec.app().manifest().jobs(), appspace));
    return new JobModule(
        store,
        new JobConditions(store, declaredJobs),
        new JobScheduler(
            store,
            () -> targets(stores, declaredJobs),
            stores.server()::isSuspended,
            new SandboxJobCaller(
                sandboxes, new JobRequests(sandboxes, connections, exchanges), crons),
            stores.events(),
            maxLive,
            clock),
        new CronDiscovery(sandboxes, crons, () -> names(stores)));
  }

  /** Starts the loops. */
  void start(OpenResources resources) {
    resources.add("jobs", scheduler.start());
    resources.add("discovery of crons", discovery.start());
  }

  private static Optional<Set<String>> names(Stores stores) {
    return stores.declared().instance().map(instance -> instance.appspaces().keySet());
  }

  static Optional<Collection<JobTarget>> targets(
      Stores stores, Function<String, Optional<List<AppJob>>> declaredJobs) {
    return stores
        .declared()
        .instance()
        .map(
            instance ->
                instance.appspaces().values().stream()
                    .map(appspace -> target(appspace, stores, declaredJobs))
                    .toList());
  }

  private static JobTarget target(
      Appspace appspace, Stores stores, Function<String, Optional<List<AppJob>>> declaredJobs) {
    String name = appspace.name();
    boolean paused =
        appspace.state() == Appspace.DesiredState.PAUSED || stores.server().isHeld(name);
    Optional<List<AppJob>> jobs = paused ? Optional.empty() : declaredJobs.apply(name);
    JobTarget.State state =
        jobs.isPresent()
            ? JobTarget.State.SERVING
            : paused ? JobTarget.State.PAUSED : JobTarget.State.STARTING;
    String identity = stores.data().live(name).map(DataFolder::id).orElse(name);
    return new JobTarget(name, identity, state, jobs.orElse(List.of()), appspace.jobs());
  }

  void bindTo(MeterRegistry registry) {
    JobMetrics.bindTo(registry, store, scheduler);
  }
}
