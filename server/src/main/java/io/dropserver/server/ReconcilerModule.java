package io.dropserver.server;

import io.dropserver.control.Control;
import io.dropserver.control.InstanceView;
import io.dropserver.control.PullRequestEvent;
import io.dropserver.control.SecretControl;
import io.dropserver.control.UpdateControl;
import io.dropserver.control.VisitorRequest;
import io.dropserver.reconciler.CycleResult;
import io.dropserver.reconciler.ReconcileCycle;
import io.dropserver.reconciler.ReconcileLoop;
import io.dropserver.reconciler.approval.ApprovalRequestRegistry;
import io.dropserver.reconciler.approval.Approvals;
import io.dropserver.reconciler.approval.GrantConditions;
import io.dropserver.reconciler.converge.Backoff;
import io.dropserver.reconciler.converge.Converger;
import io.dropserver.reconciler.converge.IsolationConditions;
import io.dropserver.reconciler.forge.CommitStatusReporter;
import io.dropserver.reconciler.forge.ForgeClient;
import io.dropserver.reconciler.job.JobConditions;
import io.dropserver.reconciler.plan.Planner;
import io.dropserver.reconciler.secret.SecretService;
import io.dropserver.reconciler.source.ConfigSource;
import io.dropserver.reconciler.source.WriteRemote;
import io.dropserver.reconciler.status.LiveUsage;
import io.dropserver.reconciler.status.ServerState;
import io.dropserver.reconciler.update.AppUpdates;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.schema.read.ReadResult;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.state.condition.InstanceReason;
import io.dropserver.web.home.AppMetadataSource;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds the components between the config source and the live state. The caller closes the stores,
 * the source and the approvals.
 */
final class ReconcilerModule implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReconcilerModule.class);

  private final Stores stores;
  private final Approvals approvals;
  private final AppUpdates updates;
  private final Backups backups;
  private final ReconcileLoop reconcileLoop;
  private final Converger converger;
  private final Optional<CommitStatusReporter> statuses;
  private final InstanceView view;
  private final Control control;
  private final AppMetadataSource appMetadataSource;
  private final SecretService secrets;

  /**
   * Whether the last good revision is in service. Until then, backups are not scheduled, so that
   * requests do not wait for this.
   */
  private volatile boolean started;

  private volatile CompletableFuture<Void> startFinished = CompletableFuture.completedFuture(null);

  /**
   * The config source, and how its revisions are read and written.
   *
   * @param ahead returns a result of reading the source earlier, if any; may block
   */
  record Config(
      ConfigSource source,
      InstanceReader reader,
      ReadOptions options,
      Supplier<Optional<ReadResult>> ahead,
      Writing writing) {}

  /**
   * How decisions and requests are written to the repository.
   *
   * @param remote empty without write credentials
   * @param forge opens pull requests and sets the commit statuses of revisions; empty without API
   *     access
   * @param signedOnly whether only signed commits are served
   */
  record Writing(Optional<WriteRemote> remote, Optional<ForgeClient> forge, boolean signedOnly) {}

  /**
   * The backup functions that the reconciler calls.
   *
   * @param served receives each revision that goes into service
   * @param schedule schedules the backups of the revision that {@code served} received last
   * @param conditions returns the backup conditions of a declared appspace
   * @param serverConditions returns the backup conditions of the server as a whole
   */
  record Backups(
      Consumer<Instance> served,
      Runnable schedule,
      Function<Appspace, List<Condition>> conditions,
      Supplier<List<Condition>> serverConditions) {}

  ReconcilerModule(
      Config config,
      Stores stores,
      Approvals approvals,
      AppUpdates updates,
      Backups backups,
      Converger.Ports ports,
      JobConditions jobs,
      LiveUsage.Measurements measurements,
      Function<String, List<VisitorRequest>> visitors,
      Function<String, CompletableFuture<Optional<String>>> certificateRetries) {
    this.updates = updates;
    this.stores = stores;
    this.approvals = approvals;
    this.backups = backups;
    Clock clock = ports.clock();
    Planner planner = new Planner();
    converger =
        new Converger(
            ports,
            stores.declared(),
            stores.work(),
            stores.data(),
            stores.records().states(),
            stores.events(),
            stores.server(),
            planner,
            stores.failedInstallations(),
            this::appDeclared);
    reconcileLoop =
        new ReconcileLoop(
            stores.polls(),
            new ReconcileCycle(
                config.source(),
                config.reader(),
                config.options(),
                config.ahead(),
                ports.versions(),
                planner,
                converger,
                stores.declared(),
                stores.records(),
                stores.secrets()::problems,
                this::revisionServed,
                clock),
            ports.backoff(),
            () -> ThreadLocalRandom.current().nextDouble(),
            this::remotePolled);
    statuses =
        config.writing().forge().map(f -> new CommitStatusReporter(f.statuses(), ports.backoff()));
    secrets = new SecretService(stores.declared(), stores.secrets(), stores.events(), clock);
    view =
        new StatusView(
            stores,
            approvals,
            ports.sandboxes(),
            ports.urls(),
            new IsolationConditions(ports.sandboxes(), Instant.ofEpochMilli(clock.millis())),
            new LiveUsage(measurements),
            backups,
            jobs,
            secrets,
            updates.conditions(),
            new GrantConditions(clock),
            visitors);
    control =
        new OperatorControl(
            reconcileLoop,
            converger,
            approvals,
            updates,
            stores,
            ports.removals(),
            certificateRetries);
    appMetadataSource =
        new InstalledAppMetadataSource(converger, measurements, stores.failures(), stores.data());
    reportRebuiltDatabase(stores);
  }

  /**
   * Creates the approvals. Each push of a decision to the followed branch wakes the reconcile loop.
   */
  static Approvals approvals(Config config, Stores stores, Backoff backoff, Clock clock) {
    ApprovalRequestRegistry registry = new ApprovalRequestRegistry(stores.database(), clock);
    Approvals.WriteBackListener writeBackListener =
        new WriteBackStatusListener(stores.polls()::wake, stores.server());
    return config
        .writing()
        .remote()
        .map(
            remote ->
                Approvals.withWriteAccess(
                    registry,
                    remote,
                    config.writing().forge().map(ForgeClient::pulls),
                    config.reader(),
                    config.options(),
                    config.writing().signedOnly(),
                    writeBackListener,
                    backoff,
                    clock))
        .orElseGet(() -> Approvals.withoutWriteAccess(registry, writeBackListener, backoff));
  }

  private void remotePolled(CycleResult cycleResult) {
    if (!cycleResult.failed()) {
      approvals.remotePolled();
    }
    reportCommitStatus(cycleResult);
  }

  /** Reports the result of a cycle as a commit status at the forge. */
  private void reportCommitStatus(CycleResult cycleResult) {
    Optional<String> commit = cycleResult.revision();
    if (statuses.isPresent() && commit.isPresent() && !cycleResult.failed()) {
      statuses.get().report(commit.get(), cycleResult.served(), cycleResult.message());
    }
  }

  private void revisionServed(Instance instance) {
    approvals.revisionServed(instance);
    updates.revisionServed(instance);
    backups.served().accept(instance);
    if (started) {
      backups.schedule().run();
    }
  }

  /** Does the work of a start for which the first requests do not wait. */
  private void finishStart() {
    started = true;
    try {
      backups.schedule().run();
    } catch (RuntimeException e) {
      LOG.error("backups are not scheduled before the next revision or restart", e);
    }
    try {
      stores.data().repairDescriptors();
    } catch (RuntimeException e) {
      LOG.error("the next restart tries to repair the descriptors of data again", e);
    }
  }

  private void appDeclared(SandboxSpec spec) {
    approvals.appDeclared(spec.appspace(), spec.app().manifest());
  }

  /** Passes a webhook about a pull request to the parts that open pull requests. */
  void pullRequestChanged(PullRequestEvent event) {
    approvals.pullRequestChanged(event);
    updates.pullRequestChanged(event);
  }

  /** See {@link ReconcileLoop#start()}. */
  CompletableFuture<Void> start() {
    approvals.start();
    updates.start();
    statuses.ifPresent(CommitStatusReporter::start);
    CompletableFuture<Void> serving = reconcileLoop.start();
    startFinished = serving.handleAsync((_, _) -> null).thenRun(this::finishStart);
    return serving;
  }

  /**
   * Returns a completed future if a revision is in service, otherwise {@link
   * ReconcileLoop#firstPoll}.
   */
  CompletableFuture<Void> firstPoll() {
    return stores.declared().domain().isEmpty()
        ? reconcileLoop.firstPoll()
        : CompletableFuture.completedFuture(null);
  }

  /** Returns the instance's domain; an empty string before the first revision. */
  String domain() {
    return stores.declared().domain();
  }

  InstanceView view() {
    return view;
  }

  Control control() {
    return control;
  }

  /** Returns app metadata for the home page. */
  AppMetadataSource appMetadataSource() {
    return appMetadataSource;
  }

  UpdateControl updates() {
    return updates.decisions();
  }

  SecretControl secrets() {
    return secrets;
  }

  /**
   * Returns the content IDs that must not be garbage-collected; empty before the first revision,
   * when they are not known yet.
   */
  Optional<Set<String>> contentsInUse() {
    return converger.contentsInUse();
  }

  /** Stops following the remote and blocks until running attempts have ended. */
  @Override
  public void close() {
    reconcileLoop.close();
    statuses.ifPresent(CommitStatusReporter::close);
    converger.close();
    startFinished.join();
  }

  /**
   * Sets {@code DatabaseRebuilt} if the database was created while data folders already existed,
   * which means that the previous database was lost.
   */
  private static void reportRebuiltDatabase(Stores stores) {
    ServerState server = stores.server();
    if (stores.database().rebuilt() && stores.data().hasAny()) {
      String message =
          "the database was lost and recreated: all app data was adopted again; events, pauses and"
              + " the record of applied revisions were reset; passwords, passkeys, sessions and the"
              + " secrets of this server are lost: stop the server and run `dropserver recover"
              + " --identity`, which restores passwords and passkeys from the newest backup, then"
              + " set the secrets again (`dropserver secret list`)";
      server.set(ConditionType.DATABASE_REBUILT, InstanceReason.DAMAGED_OR_MISSING, message);
    } else {
      server.clear(ConditionType.DATABASE_REBUILT);
    }
  }
}
