package io.dropserver.reconciler;

import io.dropserver.reconciler.converge.Backoff;
import io.dropserver.reconciler.converge.Converger;
import io.dropserver.reconciler.converge.ThreadTimers;
import io.dropserver.reconciler.source.AppSources;
import io.dropserver.reconciler.source.GitSource;
import io.dropserver.reconciler.source.WriteRemote;
import io.dropserver.reconciler.status.StoredDeliveries;
import io.dropserver.sandbox.SandboxHost;
import io.dropserver.sandbox.SandboxHost.Layer;
import io.dropserver.sandbox.app.AppStore;
import io.dropserver.sandbox.egress.gateway.EgressGateway;
import io.dropserver.sandbox.lifecycle.Sandboxes;
import io.dropserver.sandbox.local.LocalSandboxHost;
import io.dropserver.sandbox.log.LogBook;
import io.dropserver.sandbox.storage.Storage;
import io.dropserver.sandbox.storage.VolumeHost;
import io.dropserver.sandbox.usage.UsageMonitor;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfig.Repo;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.schema.state.DataFolders;
import io.dropserver.schema.state.StateDatabase;
import io.dropserver.schema.state.StateFolder;
import io.dropserver.schema.state.Uids;
import io.dropserver.web.FrontDoor;
import io.dropserver.web.admin.AdminServer;
import io.dropserver.web.control.ControlServer;
import io.dropserver.web.control.InstanceView;
import io.dropserver.web.hook.WebhookHandler;
import io.dropserver.web.site.FrontDoorLimits;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
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
 * The composition root: the one place that knows all parts, and wires them by their constructors.
 * In order: the lock, what is on disk, the sandboxes, the front door, the reconciler, and last the
 * control socket, by which others see that all of it is there.
 */
public final class Server implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Server.class);

  /** How long a start waits for a remote that does not answer. */
  private static final Duration FIRST_LOOK = Duration.ofSeconds(10);

  private final Parts parts;
  private final SandboxHost host;
  private final InstanceView view;
  private final SitePlaces places;
  private final InService inService;

  private Server(
      Parts parts, SandboxHost host, InstanceView view, SitePlaces places, InService inService) {
    this.parts = parts;
    this.host = host;
    this.view = view;
    this.places = places;
    this.inService = inService;
  }

  /**
   * Returns when the last good revision is in service, or on a first start when the remote has been
   * looked at. It is followed from then on.
   *
   * @param config with a repository
   * @param install where this program is installed
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
    parts.add("lock of the state folder", folder.lock());
    SandboxPart part = new SandboxPart(config.sandbox(), folder, install, clock);
    LogBook logs = new LogBook(clock);
    EgressPart.OwnDomain domain = new EgressPart.OwnDomain();
    EgressPart.Asked asked = new EgressPart.Asked();
    EgressGateway egress =
        parts.add("egress gateway", new EgressPart(config.egress(), clock).open(domain, asked));
    // What takes time and needs none of the others is opened beside them.
    var openingHost = parts.begin("sandbox host", () -> part.open(logs, egress));
    var reader = CompletableFuture.supplyAsync(InstanceReader::new);
    var openingDatabase =
        parts.begin("state database", () -> StateDatabase.open(folder.database(), clock));
    GitSource source =
        parts.add(
            "config source",
            new GitSource(HostAccess.gitSettings(repo, folder.repository()), clock));
    StateDatabase database = Parts.await(openingDatabase);
    Uids uids = new Uids(folder, part.firstAppspaceUid(), part.uids());
    DataFolders data = DataFolders.open(folder, database, uids, clock, part.separatesUids());
    LocalSandboxHost local = Parts.await(openingHost);
    Storage storage = parts.add("storage", part.storage());
    VolumeHost host = new VolumeHost(local, storage, part.allowWeaker());
    AppSources sources =
        new AppSources(
            source, folder.root().resolve("foreign"), config.apps().localRepositories(), clock);
    AppStore store = part.store(local);
    GitAppVersions versions = new GitAppVersions(sources, store);
    ReportedEvents events = new ReportedEvents();
    Sandboxes sandboxes =
        parts.add("sandboxes", new Sandboxes(host, part.lifecycle(), clock, events));

    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    parts.add("metrics", registry::close);
    InService inService = new InService();
    config
        .admin()
        .ifPresent(at -> parts.add("admin listener", AdminServer.start(at, registry, inService)));
    LateHandler shell = new LateHandler();
    FrontDoor frontDoor =
        parts.add(
            "front door",
            FrontDoor.start(config.listen(), FrontDoorLimits.DEFAULT, sandboxes, shell, registry));

    SitePlaces places = SitePlaces.of(config.listen().getFirst(), frontDoor.port());
    UsageMonitor usage =
        parts.add(
            "usage monitor",
            new UsageMonitor(sandboxes::live, host, clock, new UsageMetrics(registry)));
    DeclaredSandboxes declared =
        new DeclaredSandboxes(sandboxes, host, usage, logs, egress, part.onlyUser());
    ThreadTimers timers = parts.add("timers", new ThreadTimers());
    Converger.Ports ports =
        new Converger.Ports(
            versions,
            declared,
            inService.noting(frontDoor::sites),
            places,
            timers,
            new Backoff(() -> ThreadLocalRandom.current().nextDouble()),
            clock);
    Reconciliation reconciliation =
        parts.add(
            "reconciler",
            new Reconciliation(
                new Reconciliation.Config(
                    source,
                    Parts.await(reader),
                    ReadOptions.of(repo.paths())
                        .withLocalRepositories(config.apps().localRepositories()),
                    writing(repo, source, folder, clock)),
                new Reconciliation.State(database, data),
                ports,
                declared));
    domain.isOf(reconciliation::domain);
    asked.goTo(reconciliation.approvals());
    events.passTo(reconciliation.reports(), frontDoor::disconnect);
    shell.passTo(
        new WebhookHandler(
            ConfiguredHooks.of(config),
            new StoredDeliveries(database, clock),
            reconciliation.control()));
    parts.add(
        "collection of unused apps",
        new AppCollection(store::collect, reconciliation::contentsInUse, timers).start());
    InstanceMetrics.bindTo(registry, reconciliation.view());
    reconciliation.start().join();
    parts.add(
        "control socket",
        ControlServer.start(folder.root(), reconciliation.view(), reconciliation.control()));
    reconciliation
        .firstLook()
        .completeOnTimeout(null, FIRST_LOOK.toMillis(), TimeUnit.MILLISECONDS)
        .join();
    return new Server(parts, host, reconciliation.view(), places, inService);
  }

  private static Reconciliation.Writing writing(
      Repo repo, GitSource source, StateFolder folder, Clock clock) {
    var settings = HostAccess.gitSettings(repo, folder.repository());
    return new Reconciliation.Writing(
        HostAccess.writeAccess(repo)
            .map(access -> new WriteRemote(source, settings, access, clock)),
        repo.verify().signed());
  }

  /** Where the shell is, without a trailing slash; before the first revision where it listens. */
  public String shellUrl() {
    String known = view.status().shellUrl();
    return known.isEmpty() ? places.of("localhost") : known;
  }

  /** What isolation this machine gives. */
  public List<Layer> layers() {
    return host.layers();
  }

  public InstanceView view() {
    return view;
  }

  /** Lets what runs end, with a deadline for each part, and stops every sandbox. */
  @Override
  public void close() {
    LOG.info("stopping");
    inService.end();
    parts.close();
  }
}
