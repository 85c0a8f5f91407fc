package io.dropserver.reconciler.server;

import io.dropserver.reconciler.converge.AppGarbageCollector;
import io.dropserver.reconciler.converge.Backoff;
import io.dropserver.reconciler.converge.Converger;
import io.dropserver.reconciler.converge.SiteUrls;
import io.dropserver.reconciler.converge.ThreadTimers;
import io.dropserver.reconciler.notify.Notifier;
import io.dropserver.reconciler.source.GitSource;
import io.dropserver.reconciler.source.WriteRemote;
import io.dropserver.reconciler.status.StoredDeliveries;
import io.dropserver.sandbox.SandboxHost;
import io.dropserver.sandbox.SandboxHost.Layer;
import io.dropserver.sandbox.usage.UsageMonitor;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfig.Repo;
import io.dropserver.schema.host.HostConfig.RepositoryWriteSettings;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.schema.state.Ballast;
import io.dropserver.schema.state.StateFolder;
import io.dropserver.schema.status.InstanceView;
import io.dropserver.schema.status.UserControl;
import io.dropserver.web.FrontDoor;
import io.dropserver.web.control.ControlServer;
import io.dropserver.web.identity.Identity;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The composition root: the only class that knows all parts and wires them. In order: the lock, the
 * state on disk, the sandboxes, the front door and the reconciler. The control socket comes last,
 * because its presence shows that everything is ready.
 */
public final class Server implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Server.class);

  /** The logger of requests, one line each. */
  public static final String ACCESS_LOG = FrontDoor.ACCESS_LOG;

  /** Longest time that a start waits for a remote that does not answer. */
  private static final Duration FIRST_POLL_TIMEOUT = Duration.ofSeconds(10);

  private final OpenResources resources;
  private final SandboxHost host;
  private final InstanceView view;
  private final SiteUrls urls;
  private final ServedInstance servedInstance;
  private final UserControl users;

  private Server(
      OpenResources openResources,
      SandboxHost host,
      InstanceView view,
      SiteUrls places,
      ServedInstance servedInstance,
      UserControl users) {
    this.resources = openResources;
    this.host = host;
    this.view = view;
    this.urls = places;
    this.servedInstance = servedInstance;
    this.users = users;
  }

  /**
   * Blocks until the last good revision is in service or, on a first start, the remote was polled.
   * The server then follows the remote.
   *
   * @param config must contain a repository
   * @param install the installation folder of this program
   */
  public static Server start(HostConfig config, StateFolder folder, Path install) {
    OpenResources openResources = new OpenResources();
    try {
      return start(config, folder, install, Clock.systemUTC(), openResources);
    } catch (RuntimeException | Error e) {
      openResources.close();
      throw e;
    }
  }

  private static Server start(
      HostConfig config,
      StateFolder folder,
      Path install,
      Clock clock,
      OpenResources openResources) {
    Repo repo = config.repo().orElseThrow();
    folder.create();
    Ballast.inFolderOf(folder.database()).releaseIfDiskFull();
    openResources.add("lock of the state folder", folder.lock());
    folder.requireRecovered();
    var reader = CompletableFuture.supplyAsync(InstanceReader::new);
    Engine.Begun begun = Engine.begin(config, folder, install, clock, openResources);
    LocalState disk = LocalState.open(repo, folder, begun.sandboxModule(), clock, openResources);
    Engine engine = begun.finish(config, folder, disk, openResources);
    Identity identity = Identity.open(disk.database(), folder.identityKey(), clock);
    FrontDoorModule frontDoorModule =
        FrontDoorModule.open(config, folder, engine.sandboxes(), identity, clock, openResources);
    engine.connect(frontDoorModule.frontDoor());
    UsageMonitor usage =
        openResources.add(
            "usage monitor",
            new UsageMonitor(
                engine.sandboxes()::live,
                engine.host(),
                clock,
                new UsageMetrics(frontDoorModule.metrics())));
    DeclaredSandboxes declared = engine.declared(usage);
    ThreadTimers timers = openResources.add("timers", new ThreadTimers());
    Converger.Ports ports =
        new Converger.Ports(
            engine.versions(),
            declared,
            frontDoorModule.servedInstance().track(frontDoorModule.frontDoor()::publishSites),
            frontDoorModule.frontDoor()::urlOf,
            timers,
            new Backoff(() -> ThreadLocalRandom.current().nextDouble()),
            clock);
    ReconcilerModule reconcilerModule =
        openResources.add(
            "reconciler",
            new ReconcilerModule(
                new ReconcilerModule.Config(
                    disk.source(),
                    OpenResources.await(reader),
                    ReadOptions.of(repo.paths())
                        .withLocalRepositories(config.apps().localRepositories()),
                    writing(repo, disk.source(), folder, clock)),
                new ReconcilerModule.State(disk.database(), disk.data(), disk.secrets()),
                ports,
                declared));
    engine.reportTo(reconcilerModule, frontDoorModule.frontDoor());
    frontDoorModule.serveWebhooks(
        ConfiguredHooks.of(config),
        new StoredDeliveries(disk.database(), clock)::recordIfNew,
        reconcilerModule);
    openResources.add(
        "collection of unused apps",
        new AppGarbageCollector(engine.store()::collect, reconcilerModule::contentsInUse, timers)
            .start());
    BackupModule backup =
        BackupModule.open(
            config,
            folder,
            disk,
            engine.data(),
            reconcilerModule.appspaces(),
            clock,
            openResources);
    reconcilerModule.connectBackups(
        backup.plan(), backup.conditions(), backup.beforeUpgrades(), backup.deletions());
    BackupMetrics.bindTo(frontDoorModule.metrics(), backup.book());
    openResources.add(
        "look at the disk",
        new DiskSpaceMonitor(
                folder, engine.host()::diskFull, reconcilerModule.serverState(), timers)
            .start());
    openResources.add(
        "notifications",
        new Notifier(
                config.receivers(),
                reconcilerModule.view(),
                reconcilerModule.serverState(),
                disk.database(),
                ports.backoff(),
                clock)
            .start());
    reconcilerModule.start().join();
    UserControl users = identity.userService(frontDoorModule.frontDoor()::shellUrl);
    openResources.add(
        "dashboard",
        frontDoorModule.showPages(
            reconcilerModule,
            reconcilerModule.details(backup::backupTimes, HostAccess.links(repo)),
            identity,
            users,
            clock));
    openResources.add(
        "control socket",
        ControlServer.start(
            folder.root(),
            reconcilerModule.view(),
            reconcilerModule.control(),
            backup.service(),
            users,
            reconcilerModule.secrets()));
    // Closed first, because closing the other parts waits for callers that wait for these moves.
    openResources.add("moves of data into volumes", engine.host()::abortMoves);
    reconcilerModule
        .firstPoll()
        .completeOnTimeout(null, FIRST_POLL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .join();
    return new Server(
        openResources,
        engine.host(),
        reconcilerModule.view(),
        frontDoorModule.frontDoor()::urlOf,
        frontDoorModule.servedInstance(),
        users);
  }

  private static ReconcilerModule.Writing writing(
      Repo repo, GitSource source, StateFolder folder, Clock clock) {
    var settings = HostAccess.gitSettings(repo, folder.repository());
    return new ReconcilerModule.Writing(
        HostAccess.writeAccess(repo)
            .map(
                access ->
                    new WriteRemote(
                        source,
                        settings,
                        access,
                        HostAccess.pushStyle(repo),
                        repo.write().flatMap(RepositoryWriteSettings::signingKeyFile),
                        clock)),
        HostAccess.forge(repo, clock),
        repo.verify().signed());
  }

  /**
   * URL of the shell without a trailing slash; before the first revision, the address where it
   * listens.
   */
  public String shellUrl() {
    String known = view.status().shellUrl();
    return known.isEmpty() ? urls.of("localhost") : known;
  }

  /** The isolation layers of this machine. */
  public List<Layer> layers() {
    return host.layers();
  }

  public InstanceView view() {
    return view;
  }

  public UserControl users() {
    return users;
  }

  /** Lets running work end, with a deadline for each part, and stops every sandbox. */
  @Override
  public void close() {
    LOG.info("stopping");
    servedInstance.markStopped();
    resources.close();
  }
}
