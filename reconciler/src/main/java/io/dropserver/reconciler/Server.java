package io.dropserver.reconciler;

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
import io.dropserver.schema.host.HostConfig.Write;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.schema.state.Ballast;
import io.dropserver.schema.state.StateFolder;
import io.dropserver.web.FrontDoor;
import io.dropserver.web.control.ControlServer;
import io.dropserver.web.control.InstanceView;
import io.dropserver.web.control.UserControl;
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
  private static final Duration FIRST_LOOK = Duration.ofSeconds(10);

  private final Parts parts;
  private final SandboxHost host;
  private final InstanceView view;
  private final SiteUrls places;
  private final InService inService;
  private final UserControl users;

  private Server(
      Parts parts,
      SandboxHost host,
      InstanceView view,
      SiteUrls places,
      InService inService,
      UserControl users) {
    this.parts = parts;
    this.host = host;
    this.view = view;
    this.places = places;
    this.inService = inService;
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
    Parts parts = new Parts();
    try {
      return start(config, folder, install, Clock.systemUTC(), parts);
    } catch (RuntimeException | Error e) {
      parts.close();
      throw e;
    }
  }

  private static Server start(
      HostConfig config, StateFolder folder, Path install, Clock clock, Parts parts) {
    Repo repo = config.repo().orElseThrow();
    folder.create();
    Ballast.beside(folder.database()).keepRoom();
    parts.add("lock of the state folder", folder.lock());
    folder.requireRecovered();
    var reader = CompletableFuture.supplyAsync(InstanceReader::new);
    Engine.Begun begun = Engine.begin(config, folder, install, clock, parts);
    OnDisk disk = OnDisk.open(repo, folder, begun.part(), clock, parts);
    Engine engine = begun.finish(config, folder, disk, parts);
    Identity identity = Identity.open(disk.database(), folder.identityKey(), clock);
    Door door = Door.open(config, folder, engine.sandboxes(), identity, clock, parts);
    engine.connect(door.frontDoor());
    UsageMonitor usage =
        parts.add(
            "usage monitor",
            new UsageMonitor(
                engine.sandboxes()::live, engine.host(), clock, new UsageMetrics(door.metrics())));
    DeclaredSandboxes declared = engine.declared(usage);
    ThreadTimers timers = parts.add("timers", new ThreadTimers());
    Converger.Ports ports =
        new Converger.Ports(
            engine.versions(),
            declared,
            door.inService().noting(door.frontDoor()::sites),
            door.frontDoor()::urlOf,
            timers,
            new Backoff(() -> ThreadLocalRandom.current().nextDouble()),
            clock);
    Reconciliation reconciliation =
        parts.add(
            "reconciler",
            new Reconciliation(
                new Reconciliation.Config(
                    disk.source(),
                    Parts.await(reader),
                    ReadOptions.of(repo.paths())
                        .withLocalRepositories(config.apps().localRepositories()),
                    writing(repo, disk.source(), folder, clock)),
                new Reconciliation.State(disk.database(), disk.data(), disk.secrets()),
                ports,
                declared));
    engine.reportTo(reconciliation, door.frontDoor());
    door.serveHooks(
        ConfiguredHooks.of(config), new StoredDeliveries(disk.database(), clock), reconciliation);
    parts.add(
        "collection of unused apps",
        new AppCollection(engine.store()::collect, reconciliation::contentsInUse, timers).start());
    BackupPart backup =
        BackupPart.open(
            config, folder, disk, engine.data(), reconciliation.appspaces(), clock, parts);
    reconciliation.backUpBy(
        backup.plan(), backup.conditions(), backup.beforeUpgrades(), backup.deletions());
    BackupMetrics.bindTo(door.metrics(), backup.book());
    parts.add(
        "look at the disk",
        new DiskWatch(folder, engine.host()::diskFull, reconciliation.serverState(), timers)
            .start());
    parts.add(
        "notifications",
        new Notifier(
                config.receivers(),
                reconciliation.view(),
                reconciliation.serverState(),
                disk.database(),
                ports.backoff(),
                clock)
            .start());
    reconciliation.start().join();
    UserControl users = identity.desk(door.frontDoor()::shellUrl);
    parts.add(
        "dashboard",
        door.showPages(
            reconciliation,
            reconciliation.details(backup::times, HostAccess.links(repo)),
            identity,
            users,
            clock));
    parts.add(
        "control socket",
        ControlServer.start(
            folder.root(),
            reconciliation.view(),
            reconciliation.control(),
            backup.desk(),
            users,
            reconciliation.secrets()));
    // Closed first, because closing the other parts waits for callers that wait for these moves.
    parts.add("moves of data into volumes", engine.host()::stopMoving);
    reconciliation
        .firstLook()
        .completeOnTimeout(null, FIRST_LOOK.toMillis(), TimeUnit.MILLISECONDS)
        .join();
    return new Server(
        parts,
        engine.host(),
        reconciliation.view(),
        door.frontDoor()::urlOf,
        door.inService(),
        users);
  }

  private static Reconciliation.Writing writing(
      Repo repo, GitSource source, StateFolder folder, Clock clock) {
    var settings = HostAccess.gitSettings(repo, folder.repository());
    return new Reconciliation.Writing(
        HostAccess.writeAccess(repo)
            .map(
                access ->
                    new WriteRemote(
                        source,
                        settings,
                        access,
                        HostAccess.pushStyle(repo),
                        repo.write().flatMap(Write::signingKeyFile),
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
    return known.isEmpty() ? places.of("localhost") : known;
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
    inService.end();
    parts.close();
  }
}
