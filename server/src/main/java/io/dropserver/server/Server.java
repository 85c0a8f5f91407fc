package io.dropserver.server;

import io.dropserver.base.concurrent.PeriodicTask;
import io.dropserver.base.concurrent.ThreadTimers;
import io.dropserver.control.Control;
import io.dropserver.control.InstanceView;
import io.dropserver.control.UserControl;
import io.dropserver.reconciler.approval.Approvals;
import io.dropserver.reconciler.audit.AuditLog;
import io.dropserver.reconciler.converge.AppGarbageCollector;
import io.dropserver.reconciler.converge.Backoff;
import io.dropserver.reconciler.converge.Converger;
import io.dropserver.reconciler.job.CronApi;
import io.dropserver.reconciler.job.CronRegistry;
import io.dropserver.reconciler.notify.Notifier;
import io.dropserver.reconciler.source.GitSource;
import io.dropserver.reconciler.status.StoredDeliveries;
import io.dropserver.reconciler.update.AppUpdates;
import io.dropserver.sandbox.SandboxHost.Layer;
import io.dropserver.sandbox.usage.UsageMonitor;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfig.Repo;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadResult;
import io.dropserver.state.Ballast;
import io.dropserver.state.DiskSpaceMonitor;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.StateFolder;
import io.dropserver.web.admin.UsageMetrics;
import io.dropserver.web.control.ControlServer;
import io.dropserver.web.openid.ProviderMonitor;
import io.dropserver.web.site.FrontDoor;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The composition root. Builds the process in dependency order and closes it in reverse: stores,
 * which do not act by themselves; engines, which act when called; loops, which run continuously;
 * and listeners, which accept connections. The control socket is opened last, because its presence
 * signals that the server is ready.
 */
public final class Server implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Server.class);

  /** Name of the access log's logger. */
  public static final String ACCESS_LOG = FrontDoor.ACCESS_LOG;

  /** How long a first start waits for an unresponsive remote. */
  private static final Duration FIRST_POLL_TIMEOUT = Duration.ofSeconds(10);

  private final OpenResources resources;
  private final FrontDoorModule door;
  private final Engines engines;

  /** The inputs of a start, and the resources that it has opened. */
  private record Start(
      HostConfig config,
      Repo repo,
      StateFolder folder,
      Path install,
      Optional<Development> development,
      Clock clock,
      ThreadTimers timers,
      Backoff backoff,
      OpenResources resources) {}

  /** The engines, and the loops that were not started yet. */
  private record Engines(
      Engine apps,
      BackupModule backups,
      JobModule jobs,
      ReconcilerModule reconciler,
      DashboardDetails details) {}

  private Server(OpenResources resources, FrontDoorModule door, Engines engines) {
    this.resources = resources;
    this.door = door;
    this.engines = engines;
  }

  /**
   * Starts a server. Blocks until the last good revision is in service or, on a first start, until
   * the remote was polled. If a resource cannot be opened, closes those that were already opened.
   *
   * @param config must contain a repository
   * @param install the installation folder of this program
   */
  public static Server start(HostConfig config, StateFolder folder, Path install) {
    return start(config, folder, install, Optional.empty());
  }

  /**
   * Starts a server like the other method.
   *
   * @param development only for {@code app dev}
   */
  public static Server start(
      HostConfig config, StateFolder folder, Path install, Optional<Development> development) {
    OpenResources resources = new OpenResources();
    try {
      return start(
          new Start(
              config,
              config.repo().orElseThrow(),
              folder,
              install,
              development,
              Clock.systemUTC(),
              resources.add("timers", new ThreadTimers()),
              new Backoff(() -> ThreadLocalRandom.current().nextDouble()),
              resources));
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  private static Server start(Start start) {
    start.folder().create();
    Ballast.inFolderOf(start.folder().database()).releaseIfDiskFull();
    start.resources().add("lock of the state folder", start.folder().lock());
    start.folder().requireRecovered();
    // Start these first: they are slow and have no dependencies.
    var reader = CompletableFuture.supplyAsync(InstanceReader::new);
    var source = start.resources().openAsync("config source", () -> source(start));
    var ahead =
        source.thenCombineAsync(
            reader,
            (from, with) -> RepositoryAccess.readAhead(start.config(), from, with),
            task -> Thread.ofVirtual().name("read-ahead").start(task));
    SandboxModule sandboxModule =
        new SandboxModule(
            start.config().sandbox(),
            start.folder(),
            start.install(),
            start.clock(),
            start.config().apps().npmRegistry(),
            RepositoryAccess.trusted(start.config()),
            start.development().flatMap(Development::inspector));
    Stores stores = stores(start, sandboxModule);
    FrontDoorModule door =
        FrontDoorModule.bind(
            start.config(), start.folder(), stores, start.clock(), start.resources());
    Engines engines =
        engines(
            start,
            sandboxModule,
            stores,
            door,
            OpenResources.await(source),
            OpenResources.await(reader),
            ahead::join);
    CompletableFuture<Void> serving = startLoops(start, stores, door, engines);
    door.serve(
        start.config(),
        start.folder(),
        engines.apps().sandboxes(),
        engines.reconciler(),
        engines.details(),
        engines.backups().restores(),
        new StoredDeliveries(stores.database(), start.clock()),
        start.development(),
        start.clock(),
        start.resources());
    serving.join();
    openControl(start, stores, engines, door);
    return new Server(start.resources(), door, engines);
  }

  private static GitSource source(Start start) {
    return new GitSource(
        RepositoryAccess.gitSettings(start.repo(), start.folder().repository()), start.clock());
  }

  private static Stores stores(Start start, SandboxModule sandboxModule) {
    StateDatabase database =
        start
            .resources()
            .add("state database", StateDatabase.open(start.folder().database(), start.clock()));
    Stores stores =
        Stores.of(
            start.folder(),
            database,
            sandboxModule.dataFolders(database),
            start.timers(),
            start.backoff(),
            start.config().secrets().ageKeyFile(),
            start.clock(),
            start.config().log());
    start.resources().add("audit log", stores.audit());
    return stores;
  }

  private static Engines engines(
      Start start,
      SandboxModule sandboxModule,
      Stores stores,
      FrontDoorModule door,
      GitSource source,
      InstanceReader reader,
      Supplier<Optional<ReadResult>> ahead) {
    OpenResources resources = start.resources();
    ReconcilerModule.Config settings =
        RepositoryAccess.reconciler(
            start.config(), start.folder(), source, reader, ahead, start.clock());
    Approvals approvals =
        resources.add(
            "approvals",
            ReconcilerModule.approvals(settings, stores, start.backoff(), start.clock()));
    CronRegistry crons = new CronRegistry(stores.database());
    Engine apps =
        Engine.open(
            sandboxModule,
            start.config(),
            stores,
            source,
            approvals,
            door.frontDoor(),
            new CronApi(
                crons,
                name -> stores.declared().appspace(name).isPresent(),
                door.people().hostApi(),
                System::nanoTime),
            resources);
    door.people().start(apps.egress()::post, resources);
    door.providers().start(apps.egress().fetch());
    UsageMonitor usage =
        resources.add(
            "usage monitor",
            new UsageMonitor(
                apps.sandboxes()::live,
                apps.host(),
                start.clock(),
                new UsageMetrics(door.metrics(), apps.sandboxes()::asleep)));
    LocalSandboxManager declared = apps.declared(usage);
    BackupModule backups =
        BackupModule.open(
            start.config(), start.folder(), stores, apps.data(), start.clock(), resources);
    backups.bindTo(door.metrics(), start.clock());
    int maxLive = sandboxModule.lifecycle().maxLive();
    JobModule jobs =
        JobModule.open(
            stores,
            apps.sandboxes(),
            crons,
            door.frontDoor().exchanges(),
            maxLive,
            start.clock(),
            resources);
    jobs.bindTo(door.metrics());
    Converger.Ports ports = ports(start, apps, declared, door, backups);
    AppUpdates updates =
        resources.add(
            "app updates",
            apps.updates(
                sandboxModule, start.config(), settings, stores, start.backoff(), start.clock()));
    ReconcilerModule reconciler =
        resources.add(
            "reconciler",
            new ReconcilerModule(
                settings,
                stores,
                approvals,
                updates,
                backups.forReconciler(),
                ports,
                jobs.conditions(),
                declared,
                door.frontDoor()::latestRequests,
                door::retryCertificate));
    // Closed before the reconciler: the reconciler waits for upgrades, and upgrades wait for their
    // backups.
    resources.add("backups in progress", backups::stop);
    return new Engines(
        apps,
        backups,
        jobs,
        reconciler,
        new DashboardDetails(
            stores,
            approvals,
            declared,
            backups::backupTimes,
            RepositoryAccess.links(start.repo())));
  }

  private static Converger.Ports ports(
      Start start,
      Engine apps,
      LocalSandboxManager declared,
      FrontDoorModule door,
      BackupModule backups) {
    return new Converger.Ports(
        apps.versions(),
        declared,
        door::publishSites,
        door.frontDoor()::urlOf,
        backups.beforeUpgrades(),
        backups.deletions(),
        start.timers(),
        start.backoff(),
        start.clock());
  }

  /** Starts the loops. The returned future completes when the last good revision is in service. */
  private static CompletableFuture<Void> startLoops(
      Start start, Stores stores, FrontDoorModule door, Engines engines) {
    OpenResources resources = start.resources();
    ReconcilerModule reconciler = engines.reconciler();
    resources.add(
        "garbage collection of unused apps",
        new AppGarbageCollector(
                engines.apps().store()::collect, reconciler::contentsInUse, start.timers())
            .start());
    resources.add(
        "counts of the audit log",
        new PeriodicTask(start.timers(), AuditLog.COUNT_INTERVAL, stores.audit()::writeCounts)
            .start());
    resources.add(
        "disk monitor",
        new DiskSpaceMonitor(
                start.folder(), engines.apps().host()::diskFull, stores.server(), start.timers())
            .start());
    resources.add(
        "checks of log-in providers",
        new ProviderMonitor(door.providers().providers(), stores.server(), start.timers()).start());
    resources.add(
        "notifications",
        new Notifier(
                start.config().receivers(),
                reconciler.view(),
                stores.server(),
                stores.database(),
                start.backoff(),
                start.clock())
            .start());
    CompletableFuture<Void> serving = reconciler.start();
    engines.jobs().start(resources);
    return serving;
  }

  private static void openControl(
      Start start, Stores stores, Engines engines, FrontDoorModule door) {
    ReconcilerModule reconciler = engines.reconciler();
    start
        .resources()
        .add(
            "control socket",
            ControlServer.start(
                start.folder().root(),
                reconciler.view(),
                reconciler.control(),
                engines.backups().service(),
                door.users(),
                reconciler.secrets(),
                reconciler.updates(),
                stores.audit()));
    // Closed first: these moves block callers, and other resources wait for those callers.
    start.resources().add("moves of data into volumes", engines.apps().host()::abortMoves);
    reconciler
        .firstPoll()
        .completeOnTimeout(null, FIRST_POLL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .join();
  }

  /**
   * Returns the URL of the shell without a trailing slash; before the first revision, a URL at
   * {@code localhost}.
   */
  public String shellUrl() {
    String domain = engines.reconciler().domain();
    return door.frontDoor().urlOf(domain.isEmpty() ? "localhost" : domain);
  }

  /** Returns the isolation layers of this machine. */
  public List<Layer> layers() {
    return engines.apps().host().layers();
  }

  public InstanceView view() {
    return engines.reconciler().view();
  }

  public Control control() {
    return engines.reconciler().control();
  }

  public UserControl users() {
    return door.users();
  }

  /** Waits for running work, with a deadline for each resource, and stops every sandbox. */
  @Override
  public void close() {
    LOG.info("stopping");
    resources.close();
  }
}
