package io.dropserver.sandbox.local;

import io.dropserver.base.concurrent.Threads;
import io.dropserver.base.linux.NativeFile;
import io.dropserver.egress.gateway.EgressGateway;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxHost;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.deno.DenoCommand;
import io.dropserver.sandbox.deno.DenoLayer;
import io.dropserver.sandbox.deno.RuntimeFiles;
import io.dropserver.sandbox.deno.SandboxPaths;
import io.dropserver.sandbox.isolation.Cgroup;
import io.dropserver.sandbox.isolation.CgroupLimits;
import io.dropserver.sandbox.isolation.CgroupTree;
import io.dropserver.sandbox.isolation.Launcher;
import io.dropserver.sandbox.isolation.LauncherPool;
import io.dropserver.sandbox.isolation.PooledLauncher;
import io.dropserver.sandbox.isolation.SeccompFilter;
import io.dropserver.sandbox.linux.Mounts;
import io.dropserver.sandbox.linux.PinnedFolders;
import io.dropserver.sandbox.log.LogRegistry;
import io.dropserver.schema.instance.Appspace.Isolation;
import io.dropserver.state.condition.SandboxReason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Runs sandboxes on this machine. Crash-only: whatever an earlier run left in the run folder and in
 * the cgroup subtree is killed and removed before the first start. The caller holds the lock of the
 * state folder, so no other server uses either of them.
 */
public final class LocalSandboxHost implements SandboxHost {
  private static final Duration CLOSE_GRACE = Duration.ofSeconds(2);

  /**
   * The number of idle launchers. Two concurrent starts are common. Further concurrent starts wait
   * until a shell is created.
   */
  private static final int POOL_SIZE = 2;

  /** The limits of a waiting shell. The limits of the appspace replace them before the launch. */
  private static final CgroupLimits IDLE_LIMITS = new CgroupLimits(16L << 20, 1000, 8);

  private final LocalHostSettings settings;
  private final Optional<CgroupTree> cgroups;
  private final Launcher launcher;
  private final LauncherPool launcherPool;
  private final NativeFile runFolder;
  private final Path runtime;
  private final SocketWatch watch;
  private final List<Layer> layers;
  private final AtomicLong groups = new AtomicLong();
  private final StartFactory starts;
  private final Set<LocalSandbox> live = ConcurrentHashMap.newKeySet();
  private final GvisorProbe gvisor;
  private final CpuPriorityController cpuPriorities;
  private final WaitingSandboxes waitingSandboxes;

  private LocalSandboxHost(
      LocalHostSettings settings,
      LogRegistry logs,
      EgressGateway egress,
      DenoLayer denoLayer,
      Optional<CgroupTree> cgroups) {
    this.settings = settings;
    Path folder = settings.runFolder().toAbsolutePath();
    this.cgroups = cgroups;
    Mounts.detachBelow(folder);
    SandboxFolders.delete(folder);
    SandboxFolders.create(folder, "rwx--x--x");
    this.runFolder = PinnedFolders.open(folder);
    // Every sandbox sees this path in the tree that is the lowest layer of its root.
    this.runtime = folder.resolve("system" + SandboxPaths.RUNTIME);
    SandboxFolders.create(runtime.resolveSibling(""), "rwxr-xr-x");
    SandboxFolders.create(folder.resolve("system"), "rwxr-xr-x");
    RuntimeFiles.writeTo(runtime);
    Path filter = folder.resolve("seccomp.bpf");
    SeccompFilter.writeTo(filter, settings.inspector().isPresent());
    this.watch = SocketWatch.open();
    this.starts = new StartFactory(settings, denoLayer, runtime, runFolder, logs, watch, egress);
    this.launcher =
        new Launcher(
            settings.programs(), filter, foldersOf(settings), settings.inspector().isPresent());
    launcher.awaitReachableFolders();
    this.layers = new IsolationProbe(settings, launcher, cgroups).layers();
    this.gvisor = new GvisorProbe(settings, launcher);
    this.cpuPriorities = new CpuPriorityController(live).start();
    this.launcherPool = new LauncherPool(launcher, () -> cgroup(IDLE_LIMITS), POOL_SIZE);
    launcherPool.refill();
    boolean canWait =
        launcher.separatesUids() && cgroups.isPresent() && settings.inspector().isEmpty();
    this.waitingSandboxes =
        new WaitingSandboxes(
            this::createWaiting, settings.firstWaitingUid(), canWait ? settings.waitingUids() : 0);
  }

  /**
   * @param egress the gateway of the sandboxes; the caller closes it after this host
   * @throws SandboxException reason {@code IsolationUnavailable} when a program or library is
   *     missing, or sandboxes cannot reach the folders that they need
   */
  public static LocalSandboxHost open(
      LocalHostSettings settings, LogRegistry logs, EgressGateway egress) {
    return open(settings, logs, egress, DenoLayer.ON);
  }

  /**
   * Opens a host without Deno's layer, for tests that prove that the other layers are sufficient on
   * their own.
   */
  static LocalSandboxHost open(
      LocalHostSettings settings, LogRegistry logs, EgressGateway egress, DenoLayer denoLayer) {
    return new LocalSandboxHost(settings, logs, egress, denoLayer, cgroups(settings));
  }

  /**
   * Opens a host that uses cgroups only below the configured parent. Without a parent, a server
   * moves all processes of its own cgroup, which are those of the whole session if a person starts
   * this program in a shell.
   */
  public static LocalSandboxHost openInSession(
      LocalHostSettings settings, LogRegistry logs, EgressGateway egress) {
    Optional<CgroupTree> cgroups =
        settings.cgroupParent().isPresent() ? cgroups(settings) : Optional.empty();
    return new LocalSandboxHost(settings, logs, egress, DenoLayer.ON, cgroups);
  }

  private static Optional<CgroupTree> cgroups(LocalHostSettings settings) {
    return CgroupTree.open(settings.cgroupParent(), CgroupName.of(settings.runFolder()));
  }

  /** Returns whether this process runs in a container of Docker, Podman or Kubernetes. */
  public static boolean isInContainer() {
    return NamespaceRemedy.isContainer();
  }

  @Override
  public Sandbox start(SandboxSpec spec) {
    requireIsolation(spec.isolation());
    Optional<WaitingSandbox> waiting =
        canUseWaiting(spec) ? waitingSandboxes.take(spec.app()) : Optional.empty();
    Optional<Sandbox> begun =
        waiting.flatMap(
            found ->
                watched(
                    spec,
                    found.shell(),
                    () -> starts.create(spec, found).run(found, starts.message(spec))));
    if (begun.isPresent()) {
      waitingSandboxes.succeeded(spec.app());
      return begun.get();
    }
    SandboxStart start = starts.create(spec);
    PooledLauncher shell = launcherPool.take();
    Sandbox ordinary = watched(spec, shell, () -> Optional.of(start.run(shell))).orElseThrow();
    if (waiting.isPresent()) { // not for a problem that affects both kinds of starts
      waitingSandboxes.failed(spec.app(), "no data can be given to a waiting sandbox");
    }
    return ordinary;
  }

  /** A variable that Deno reads when it starts would come too late for a waiting sandbox. */
  @Override
  public boolean canUseWaiting(SandboxSpec spec) {
    return spec.isolation() == Isolation.NAMESPACES
        && spec.config().keySet().stream().noneMatch(DenoCommand::isReadAtStart)
        && starts.replacesNoModules(spec.app());
  }

  private Optional<Sandbox> watched(
      SandboxSpec spec, PooledLauncher shell, Supplier<Optional<LocalSandbox>> start) {
    try {
      long now = System.nanoTime();
      shell.cgroup().ifPresent(group -> cpuPriorities.startBegan(spec.appspace(), group, now));
      Optional<LocalSandbox> sandbox = start.get();
      sandbox.ifPresent(
          it -> {
            it.watch();
            live.add(it);
            var _ = it.exit().thenRun(() -> live.remove(it));
          });
      return sandbox.map(it -> it);
    } finally {
      shell.cgroup().ifPresent(cpuPriorities::startEnded);
      launcherPool.refill();
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>None waits without root or cgroups, and none for gVisor: a waiting sandbox has another user
   * than the data, which the kernel maps, and needs limits.
   */
  @Override
  public int keepWaiting(List<SandboxSpec> next) {
    return waitingSandboxes.keep(
        next.stream().filter(this::canUseWaiting).map(SandboxSpec::app).toList());
  }

  private WaitingSandbox createWaiting(InstalledApp app, int uid, Runnable removal) {
    PooledLauncher shell;
    try {
      requireIsolation(Isolation.NAMESPACES);
      shell = launcherPool.create();
    } catch (SandboxException refused) {
      removal.run();
      throw refused;
    }
    return starts.createWaiting(app, uid, shell, removal);
  }

  @Override
  public void run(SandboxSpec spec, Program program) {
    requireIsolation(spec.isolation());
    SandboxStart start = starts.create(spec);
    try {
      start.run(launcherPool.take(), program);
    } finally {
      launcherPool.refill();
    }
  }

  /** Starts sandboxed processes that do not belong to an appspace, such as installations. */
  public Launcher launcher() {
    return launcher;
  }

  /**
   * Returns the files of the in-sandbox TypeScript. They may change at the next start of the
   * server.
   */
  public Path runtimeFolder() {
    return runtime;
  }

  /** Creates a cgroup for a process. The caller closes it. */
  public Optional<Cgroup> cgroup(CgroupLimits limits) {
    return cgroups.map(tree -> tree.create("x" + groups.incrementAndGet(), limits));
  }

  @Override
  public List<Layer> layers() {
    return layers;
  }

  @Override
  public void requireIsolation(Isolation isolation) {
    requireKernel(isolation);
    for (Layer layer : layers) {
      if (!layer.present() && !settings.allowWeaker().contains(layer.name())) {
        throw layer.missing();
      }
    }
  }

  /**
   * Checks that this host has the kernel of an isolation, whatever layers are missing. The first
   * call for {@code GVISOR} starts a container, which takes about a second.
   *
   * @throws SandboxException reason {@code IsolationUnavailable}, with the remedy
   */
  public void requireKernel(Isolation isolation) {
    switch (isolation) {
      case NAMESPACES -> {}
      case GVISOR -> gvisor.require();
      case MICROVM ->
          throw new SandboxException(
              SandboxReason.ISOLATION_UNAVAILABLE,
              "isolation: microvm is not available; use isolation: gvisor for a second kernel, or"
                  + " isolation: namespaces");
    }
  }

  /**
   * Returns the folders that sandboxes are assembled from, and those that the JVM needs to start
   * processes.
   */
  private static List<Path> foldersOf(LocalHostSettings settings) {
    return Stream.of(
            settings.runFolder().toAbsolutePath().getParent(),
            settings.deno().path().toAbsolutePath().getParent(),
            Path.of(System.getProperty("java.home")))
        .filter(Objects::nonNull)
        .toList();
  }

  @Override
  public void close() {
    waitingSandboxes.close();
    List<Thread> stops =
        live.stream()
            .map(sandbox -> Thread.ofVirtual().start(() -> sandbox.stop(CLOSE_GRACE)))
            .toList();
    stops.forEach(Threads::joinUninterruptibly);
    cpuPriorities.close();
    launcherPool.close();
    launcher.close();
    cgroups.ifPresent(CgroupTree::close);
    runFolder.close();
    watch.close();
    SandboxFolders.delete(settings.runFolder());
  }
}
