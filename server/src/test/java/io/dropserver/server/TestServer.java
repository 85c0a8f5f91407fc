package io.dropserver.server;

import io.dropserver.backup.restic.ResticSnapshot;
import io.dropserver.base.concurrent.ThreadTimers;
import io.dropserver.control.EgressLine;
import io.dropserver.control.EgressUse;
import io.dropserver.control.LogLine;
import io.dropserver.control.ObjectStatus;
import io.dropserver.control.SyncResult;
import io.dropserver.egress.gateway.EgressGateway;
import io.dropserver.reconciler.approval.Approvals;
import io.dropserver.reconciler.converge.AppVersions;
import io.dropserver.reconciler.converge.AppspaceRemovalListener;
import io.dropserver.reconciler.converge.Backoff;
import io.dropserver.reconciler.converge.Converger;
import io.dropserver.reconciler.converge.SandboxManager;
import io.dropserver.reconciler.converge.UpgradeBackups;
import io.dropserver.reconciler.job.JobConditions;
import io.dropserver.reconciler.job.JobStore;
import io.dropserver.reconciler.secret.StoredSecrets;
import io.dropserver.reconciler.source.SourceException;
import io.dropserver.reconciler.status.LiveUsage;
import io.dropserver.reconciler.update.AppUpdates;
import io.dropserver.reconciler.update.UpdateModule;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxHost.Layer;
import io.dropserver.sandbox.SandboxHost.Program;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.app.InstallPriority;
import io.dropserver.sandbox.lifecycle.AwakeClaims;
import io.dropserver.sandbox.usage.Pressure;
import io.dropserver.sandbox.usage.UsageSample;
import io.dropserver.schema.host.LogSettings;
import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.schema.instance.Appspace.Isolation;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.DropappManifest.DataSchema;
import io.dropserver.schema.instance.DropappManifest.LaunchOptions;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.state.DataFolder;
import io.dropserver.state.DataFolders;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.StateException;
import io.dropserver.state.StateFolder;
import io.dropserver.state.UidAllocator;
import io.dropserver.state.condition.AppReason;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.SandboxReason;
import io.dropserver.state.site.Site;
import io.dropserver.state.site.SiteTable;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A server without its edges: a real database, reader and reconciler between fakes. */
final class TestServer implements AutoCloseable {
  private static final InstanceReader READER = new InstanceReader();

  final FakeSource source;
  final Store store;
  final Sandboxes sandboxes = new Sandboxes();
  final StateDatabase database;
  final DataFolders data;
  final StoredSecrets secrets;
  final Stores stores;
  final JobStore jobs;
  final ReconcilerModule reconciliation;
  private final Approvals approvals;
  private final EgressGateway egress = EgressGateway.closed(Clock.systemUTC());
  private final AppUpdates updates;
  final AtomicInteger tables = new AtomicInteger();

  /** Receives each host table. */
  volatile Consumer<SiteTable> published = changed -> {};

  /** Called when the backups of a revision are scheduled. */
  volatile Runnable scheduled = () -> {};

  volatile SiteTable table = new SiteTable("", Map.of(), Map.of());

  private final StateFolder.Lock lock;
  private final ThreadTimers timers = new ThreadTimers();

  TestServer(Path folder, FakeSource source, Store store) {
    this.source = source;
    this.store = store;
    source.restarted();
    StateFolder state = new StateFolder(folder);
    lock = state.lock();
    database = StateDatabase.open(state.database(), Clock.systemUTC());
    data =
        DataFolders.open(
            state, database, new UidAllocator(state, 200_000, 100_000), Clock.systemUTC(), false);
    Backoff backoff = new Backoff(() -> 0.5);
    stores =
        Stores.of(
            state,
            database,
            data,
            timers,
            backoff,
            Optional.of(folder.resolve("test-age.key")),
            Clock.systemUTC(),
            LogSettings.DEFAULT);
    secrets = stores.secrets().stored();
    jobs = new JobStore(database, Clock.systemUTC());
    ReconcilerModule.Config config =
        new ReconcilerModule.Config(
            source,
            READER,
            ReadOptions.WHOLE_REPOSITORY,
            Optional::empty,
            new ReconcilerModule.Writing(Optional.empty(), Optional.empty(), false));
    approvals = ReconcilerModule.approvals(config, stores, backoff, Clock.systemUTC());
    updates =
        UpdateModule.open(
            new UpdateModule.Origins(
                egress.fetch(), url -> Map.of(), () -> URI.create("http://127.0.0.1:9/")),
            Optional.empty(),
            database,
            backoff,
            Clock.systemUTC());
    reconciliation =
        new ReconcilerModule(
            config,
            stores,
            approvals,
            updates,
            new ReconcilerModule.Backups(
                instance -> {}, () -> scheduled.run(), appspace -> List.of(), () -> List.of()),
            new Converger.Ports(
                store,
                sandboxes,
                changed -> {
                  table = changed;
                  published.accept(changed);
                  tables.incrementAndGet();
                },
                host -> "https://" + host,
                new NoBackups(),
                new NoBackups(),
                timers,
                backoff,
                Clock.systemUTC()),
            new JobConditions(
                jobs,
                name ->
                    Optional.ofNullable(sandboxes.declared.get(name))
                        .map(s -> s.app().manifest().jobs())),
            sandboxes,
            appspace -> List.of(),
            host -> CompletableFuture.completedFuture(Optional.of("no certificate for " + host)));
  }

  /** Starts the server and waits for the last good revision. */
  TestServer start() throws Exception {
    reconciliation.start().get(60, TimeUnit.SECONDS);
    return this;
  }

  SyncResult sync() {
    return reconciliation.control().sync(Optional.empty(), Optional.of(Duration.ofSeconds(60)));
  }

  /** Does what the first start of an appspace does. */
  Path use(String appspace) {
    data.createFolder(appspace);
    return sandboxes.spec(appspace).dataFolder();
  }

  Site site(String appspace) {
    return table.sites().values().stream()
        .filter(site -> site.appspace().equals(appspace))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no site of " + appspace + " in " + table.sites()));
  }

  boolean hasSite(String appspace) {
    return table.sites().values().stream().anyMatch(site -> site.appspace().equals(appspace));
  }

  ObjectStatus status(String appspace) {
    return reconciliation.view().objects(Optional.of("appspace"), Optional.of(appspace)).getFirst();
  }

  Optional<Condition> condition(String appspace, String type) {
    return status(appspace).conditions().stream().filter(c -> c.type().equals(type)).findFirst();
  }

  Optional<Condition> condition(String type) {
    return reconciliation.view().status().conditions().stream()
        .filter(c -> c.type().equals(type))
        .findFirst();
  }

  @Override
  public void close() {
    reconciliation.close();
    updates.close();
    egress.close();
    approvals.close();
    timers.close();
    database.close();
    lock.close();
  }

  /** A server that makes no backups and keeps the data of removed appspaces. */
  private static final class NoBackups implements UpgradeBackups, AppspaceRemovalListener {
    @Override
    public void backUp(String appspace) {
      throw new StateException("there are no backups");
    }

    @Override
    public void copy(Path from, Path to, long storageBytes) {
      throw new StateException("there are no backups");
    }

    @Override
    public Optional<ResticSnapshot> newest(
        String appspace, String app, String owner, String version) {
      return Optional.empty();
    }

    @Override
    public void beforeRetention(DataFolder data, Instant at, Optional<LastDeclared> last) {}

    @Override
    public void afterRetention(String dataId) {}

    @Override
    public boolean discardRecord(String dataId) {
      return false;
    }
  }

  /** App versions on disk, which outlive a server. */
  static final class Store implements AppVersions {
    private final FakeSource source;
    final Map<String, InstalledApp> complete = new ConcurrentHashMap<>();

    /** Called at the edges, where a crash may happen. */
    volatile Runnable edge = () -> {};

    /** Apps whose installation fails because of the machine. */
    final Set<String> broken = ConcurrentHashMap.newKeySet();

    /** Apps whose installation fails for another reason. */
    final Map<String, AppReason> failing = new ConcurrentHashMap<>();

    /** Names of the apps of all attempts to install, in their order. */
    final List<String> attempts = new CopyOnWriteArrayList<>();

    volatile String installer = "deno-1";

    /** Receives the app of each attempt before its result. */
    volatile Consumer<String> installing = app -> {};

    final AtomicInteger installs = new AtomicInteger();

    Store(FakeSource source) {
      this.source = source;
    }

    @Override
    public String contentId(App.AppVersion appVersion, String revision) {
      if (!(appVersion.source() instanceof App.PathSource folder)) {
        throw new SourceException("only folders here");
      }
      StringBuilder content = new StringBuilder();
      var tree = source.snapshot(revision).tree();
      tree.entries().stream()
          .filter(treeEntry -> treeEntry.path().startsWith(folder.path() + "/"))
          .forEach(treeEntry -> content.append(treeEntry.path()).append(treeEntry.id()));
      return "tree-%08x".formatted(content.toString().hashCode());
    }

    @Override
    public String installer() {
      return installer;
    }

    @Override
    public InstalledApp install(
        String app, App.AppVersion appVersion, String revision, InstallPriority priority) {
      String id = contentId(appVersion, revision);
      attempts.add(priority == InstallPriority.LOW ? app + " again" : app);
      edge.run();
      installing.accept(app);
      if (failing.containsKey(app)) {
        throw new SandboxException(failing.get(app), "app " + app + " has an error");
      }
      if (broken.contains(app)) {
        throw new SandboxException(AppReason.INSTALL_FAILED, "app " + app + " cannot be installed");
      }
      return complete.computeIfAbsent(
          id,
          absent -> {
            installs.incrementAndGet();
            Path place = Path.of("/nowhere", id);
            return new InstalledApp(
                app,
                appVersion.version(),
                id,
                place,
                place,
                place,
                new DropappManifest(
                    app,
                    "",
                    appVersion.version(),
                    "main.ts",
                    Optional.empty(),
                    Optional.empty(),
                    List.of(),
                    List.of(),
                    Optional.empty(),
                    DataSchema.UNNAMED,
                    LaunchOptions.DEFAULT),
                AppRuntime.FETCH,
                Optional.empty());
          });
    }

    @Override
    public Optional<InstalledApp> installed(String app, String version, String contentId) {
      return Optional.ofNullable(complete.get(contentId));
    }
  }

  /** The declarations that the sandboxes received. */
  static final class Sandboxes implements SandboxManager, LiveUsage.Measurements {
    volatile List<UsageSample> history = List.of();
    volatile Map<Pressure, Instant> pressures = Map.of();

    @Override
    public List<UsageSample> history(String appspace) {
      return history;
    }

    @Override
    public Map<Pressure, Instant> pressures(String appspace) {
      return pressures;
    }

    @Override
    public boolean isAsleep(String appspace) {
      return false;
    }

    @Override
    public boolean isLive(String appspace) {
      return true;
    }

    volatile Optional<AwakeClaims.Awake> awake = Optional.empty();

    @Override
    public Optional<AwakeClaims.Awake> awake(String appspace) {
      return awake;
    }

    @Override
    public boolean isStarting(String appspace) {
      return false;
    }

    final Map<String, SandboxSpec> declared = new ConcurrentHashMap<>();
    final Set<String> forgotten = ConcurrentHashMap.newKeySet();
    final AtomicInteger calls = new AtomicInteger();
    volatile Consumer<SandboxSpec> edge = spec -> {};
    volatile Consumer<String> withdrawn = appspace -> {};

    /** The isolation layers of the machine. */
    volatile List<Layer> layers =
        List.of(new Layer("namespaces", true, "as many as there are", ""));

    @Override
    public void requireIsolation(Isolation isolation) {
      if (isolation != Isolation.NAMESPACES) {
        throw new SandboxException(
            SandboxReason.ISOLATION_UNAVAILABLE, isolation + " is not available");
      }
      layers.stream()
          .filter(layer -> !layer.present() && !layer.name().equals("uid"))
          .findFirst()
          .ifPresent(
              layer -> {
                throw layer.missing();
              });
    }

    @Override
    public List<Layer> layers() {
      return layers;
    }

    @Override
    public List<Layer> layers(String appspace) {
      return layers;
    }

    @Override
    public long storedBytes(Path files) {
      return 0;
    }

    SandboxSpec spec(String appspace) {
      return Optional.ofNullable(declared.get(appspace))
          .orElseThrow(() -> new AssertionError(appspace + " is not among " + declared.keySet()));
    }

    @Override
    public void declare(SandboxSpec spec) {
      calls.incrementAndGet();
      declared.put(spec.appspace(), spec);
      edge.accept(spec);
    }

    @Override
    public void replace(SandboxSpec spec) {
      declare(spec);
    }

    @Override
    public void run(SandboxSpec spec, Program program) {}

    @Override
    public void tryOut(SandboxSpec spec) {}

    @Override
    public void release(SandboxSpec spec) {}

    @Override
    public void withdraw(String appspace) {
      calls.incrementAndGet();
      declared.remove(appspace);
      withdrawn.accept(appspace);
    }

    @Override
    public void forget(String appspace) {
      forgotten.add(appspace);
    }

    @Override
    public void logs(String appspace, boolean follow, Consumer<LogLine> line) {}

    @Override
    public void egressLog(String appspace, boolean follow, Consumer<EgressLine> line) {}

    @Override
    public List<EgressUse> egressUse() {
      return List.of();
    }
  }
}
