package io.dropserver.reconciler.server;

import io.dropserver.reconciler.ReconcileCycle;
import io.dropserver.reconciler.ReconcileLoop;
import io.dropserver.reconciler.approval.ApprovalRequestRegistry;
import io.dropserver.reconciler.approval.Approvals;
import io.dropserver.reconciler.backup.Appspaces;
import io.dropserver.reconciler.backup.BackupConditions;
import io.dropserver.reconciler.backup.BackupScheduler;
import io.dropserver.reconciler.converge.AppspaceRemovalListener;
import io.dropserver.reconciler.converge.Converger;
import io.dropserver.reconciler.converge.IsolationConditions;
import io.dropserver.reconciler.converge.UpgradeBackups;
import io.dropserver.reconciler.forge.CommitStatusReporter;
import io.dropserver.reconciler.forge.ForgeClient;
import io.dropserver.reconciler.forge.SourceLinks;
import io.dropserver.reconciler.plan.Fingerprints;
import io.dropserver.reconciler.plan.Planner;
import io.dropserver.reconciler.secret.SecretService;
import io.dropserver.reconciler.secret.StoredSecrets;
import io.dropserver.reconciler.source.ConfigSource;
import io.dropserver.reconciler.source.WriteRemote;
import io.dropserver.reconciler.status.AppliedRevision;
import io.dropserver.reconciler.status.EventLog;
import io.dropserver.reconciler.status.LiveUsage;
import io.dropserver.reconciler.status.ObjectStates;
import io.dropserver.reconciler.status.Revisions;
import io.dropserver.reconciler.status.SandboxFailures;
import io.dropserver.reconciler.status.SandboxReports;
import io.dropserver.reconciler.status.ServerState;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.schema.state.DataFolders;
import io.dropserver.schema.state.StateDatabase;
import io.dropserver.schema.status.ConditionType;
import io.dropserver.schema.status.Control;
import io.dropserver.schema.status.InstanceReason;
import io.dropserver.schema.status.InstanceView;
import io.dropserver.schema.status.SecretControl;
import io.dropserver.web.dashboard.DashboardData;
import io.dropserver.web.home.AppMetadataSource;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Wires everything between a config source and the live state. The composition root provides the
 * ports and uses the view, the control and the reports. The caller closes the database and the
 * source.
 */
public final class ReconcilerModule implements AutoCloseable {
  private final ReconcileLoop reconcileLoop;
  private final Converger converger;
  private final Optional<CommitStatusReporter> statuses;
  private final Approvals approvals;
  private final InstanceView view;
  private final Control control;
  private final SandboxReports reports;
  private final Appspaces appspaces;
  private final List<Consumer<Instance>> listeners = new CopyOnWriteArrayList<>();
  private final DeferredBackupConditions backupConditions = new DeferredBackupConditions();
  private final DeferredBackupHooks safety = new DeferredBackupHooks();
  private final ServerState server;
  private final AppliedRevision applied;
  private final LiveUsage.Measurements measurements;
  private final AppMetadataSource appMetadataSource;
  private final SecretService secrets;

  /** The server's state on this machine. */
  public record State(StateDatabase database, DataFolders data, StoredSecrets secrets) {}

  /** The desired state and how to read it. */
  public record Config(
      ConfigSource source, InstanceReader reader, ReadOptions options, Writing writing) {
    /** A configuration without write-back. */
    public Config(ConfigSource source, InstanceReader reader, ReadOptions options) {
      this(source, reader, options, new Writing(Optional.empty(), Optional.empty(), false));
    }
  }

  /**
   * How decisions and requests are written to the repository.
   *
   * @param remote empty without write credentials
   * @param forge where pull requests are opened and statuses of revisions are set
   * @param signedOnly whether only signed commits are served
   */
  public record Writing(
      Optional<WriteRemote> remote, Optional<ForgeClient> forge, boolean signedOnly) {}

  ReconcilerModule(
      Config config, State state, Converger.Ports ports, LiveUsage.Measurements measurements) {
    Clock clock = ports.clock();
    EventLog events = new EventLog(state.database(), clock);
    server = new ServerState(state.database(), clock);
    applied = new AppliedRevision(state.database(), clock);
    this.measurements = measurements;
    ObjectStates states = new ObjectStates(state.database(), events);
    ReconcileCycle.Records records =
        new ReconcileCycle.Records(
            states, new Revisions(state.database(), clock), applied, server, events);
    Planner planner = new Planner(new Fingerprints());
    SandboxFailures live = new SandboxFailures(events, clock);
    converger =
        new Converger(
            ports,
            state.data(),
            states,
            events,
            server,
            planner,
            this::appDeclared,
            safety,
            safety);
    ReconcileCycle reconcileCycle =
        new ReconcileCycle(
            config.source(),
            config.reader(),
            config.options(),
            ports.versions(),
            planner,
            converger,
            records,
            this::revisionServed,
            clock);
    reconcileLoop =
        new ReconcileLoop(
            reconcileCycle,
            ports.backoff(),
            () -> ThreadLocalRandom.current().nextDouble(),
            this::reportCommitStatus);
    statuses =
        config.writing().forge().map(f -> new CommitStatusReporter(f.statuses(), ports.backoff()));
    approvals = approvals(config, state.database(), ports, server);
    secrets = new SecretService(converger, state.secrets(), events, clock);
    view =
        new StatusView(
            records,
            approvals,
            converger,
            state.data(),
            ports.sandboxes(),
            live,
            ports.urls(),
            new IsolationConditions(ports.sandboxes(), Instant.ofEpochMilli(clock.millis())),
            new LiveUsage(measurements),
            backupConditions,
            secrets);
    appspaces = new DeclaredAppspaces(converger, state.data(), events);
    control =
        new OperatorControl(
            reconcileLoop, converger, approvals, server, state.data(), safety, events);
    reports = live;
    appMetadataSource = new InstalledAppMetadataSource(converger, measurements, live);
    reportRebuiltDatabase(state, server);
  }

  private Approvals approvals(
      Config config, StateDatabase database, Converger.Ports ports, ServerState server) {
    ApprovalRequestRegistry book = new ApprovalRequestRegistry(database, ports.clock());
    Approvals.WriteBackListener writeBackListener =
        new WriteBackStatusListener(reconcileLoop::poke, server);
    return config
        .writing()
        .remote()
        .map(
            remote ->
                Approvals.withWriteAccess(
                    book,
                    remote,
                    config.writing().forge().map(ForgeClient::pulls),
                    config.reader(),
                    config.options(),
                    config.writing().signedOnly(),
                    writeBackListener,
                    ports.backoff(),
                    ports.clock()))
        .orElseGet(() -> Approvals.withoutWriteAccess(book, writeBackListener, ports.backoff()));
  }

  /** Sets the commit status at the forge. */
  private void reportCommitStatus(ReconcileLoop.CycleResult cycleResult) {
    if (!cycleResult.failed()) {
      statuses.ifPresent(
          to ->
              cycleResult
                  .revision()
                  .ifPresent(
                      commit -> to.report(commit, cycleResult.served(), cycleResult.message())));
    }
  }

  private void revisionServed(Instance instance) {
    approvals.revisionServed(instance);
    listeners.forEach(listener -> listener.accept(instance));
  }

  /** For backups. */
  Appspaces appspaces() {
    return appspaces;
  }

  /** Lets backups follow the served revision, and shows their conditions. */
  void connectBackups(
      BackupScheduler plan,
      BackupConditions conditions,
      UpgradeBackups upgrades,
      AppspaceRemovalListener appspaceRemovalListener) {
    safety.connectTo(upgrades, appspaceRemovalListener);
    backupConditions.connectTo(conditions);
    listeners.add(plan::declare);
  }

  private void appDeclared(SandboxSpec spec) {
    approvals.appDeclared(spec.appspace(), spec.app().manifest());
  }

  /** For the egress gateway. */
  public Approvals approvals() {
    return approvals;
  }

  /** See {@link ReconcileLoop#start()}. */
  public CompletableFuture<Void> start() {
    approvals.start();
    statuses.ifPresent(CommitStatusReporter::start);
    return reconcileLoop.start();
  }

  /** Completes when a revision is served, or when the first poll of the remote found none. */
  public CompletableFuture<Void> firstPoll() {
    return converger.domain().isEmpty()
        ? reconcileLoop.firstPoll()
        : CompletableFuture.completedFuture(null);
  }

  /** The domain of the instance; empty before it is known. */
  public String domain() {
    return converger.domain();
  }

  public InstanceView view() {
    return view;
  }

  public Control control() {
    return control;
  }

  /** For the home page. */
  AppMetadataSource appearances() {
    return appMetadataSource;
  }

  /**
   * For the dashboard.
   *
   * @param backups backup times of a declared appspace
   * @param links to the forge; empty if it is unknown
   */
  DashboardData details(
      Function<String, DashboardData.Backups> backups, Optional<SourceLinks> links) {
    return new DashboardDetails(converger, applied, measurements, backups, links);
  }

  /** Secrets, as people set them. */
  public SecretControl secrets() {
    return secrets;
  }

  /** Where other parts set conditions of the server as a whole. */
  ServerState serverState() {
    return server;
  }

  /** For the sandboxes. */
  public SandboxReports reports() {
    return reports;
  }

  /** App contents that must not be collected; empty while they are not known. */
  public Optional<Set<String>> contentsInUse() {
    return converger.contentsInUse();
  }

  /** Stops following the remote and waits for objects that are being converged. */
  @Override
  public void close() {
    reconcileLoop.close();
    statuses.ifPresent(CommitStatusReporter::close);
    approvals.close();
    converger.close();
  }

  /**
   * If the database was recreated while data folders exist, it was lost, which people must know.
   */
  private static void reportRebuiltDatabase(State state, ServerState server) {
    if (state.database().rebuilt() && state.data().hasAny()) {
      server.set(
          ConditionType.DATABASE_REBUILT,
          true,
          InstanceReason.DAMAGED_OR_MISSING,
          "the database was lost and begun anew: all app data was adopted again; events, holds and"
              + " the record of what was applied began anew",
          "");
    } else {
      server.clear(ConditionType.DATABASE_REBUILT);
    }
  }
}
