package io.dropserver.server;

import com.sun.management.OperatingSystemMXBean;
import io.dropserver.egress.gateway.EgressGateway;
import io.dropserver.egress.gateway.TrustedAuthorities;
import io.dropserver.sandbox.app.AppStore;
import io.dropserver.sandbox.app.FileTree;
import io.dropserver.sandbox.app.InstallSettings;
import io.dropserver.sandbox.deno.DenoBinary;
import io.dropserver.sandbox.inspector.InspectorTarget;
import io.dropserver.sandbox.isolation.CgroupLimits;
import io.dropserver.sandbox.isolation.Programs;
import io.dropserver.sandbox.lifecycle.LifecycleSettings;
import io.dropserver.sandbox.local.LocalHostSettings;
import io.dropserver.sandbox.local.LocalSandboxHost;
import io.dropserver.sandbox.log.LogRegistry;
import io.dropserver.sandbox.storage.LoopStorage;
import io.dropserver.sandbox.storage.LoopSupport;
import io.dropserver.sandbox.storage.SoftStorage;
import io.dropserver.sandbox.storage.Storage;
import io.dropserver.schema.host.HostConfig.SandboxSettings;
import io.dropserver.schema.host.HostConfig.UidRange;
import io.dropserver.state.DataFolders;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.StateFolder;
import io.dropserver.state.UidAllocator;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Creates the sandbox engine from the host configuration.
 *
 * @param install the installation folder of this program, which contains Deno
 * @param npmRegistry the registry of packages from npm; by default the one that Deno uses
 * @param trusted by everything that fetches apps
 * @param inspector where debuggers find the app; only in {@code app dev}
 */
public record SandboxModule(
    SandboxSettings settings,
    StateFolder folder,
    Path install,
    Clock clock,
    Optional<URI> npmRegistry,
    TrustedAuthorities trusted,
    Optional<InspectorTarget> inspector) {
  private static final CgroupLimits INSTALLATION = new CgroupLimits(1L << 30, 2_000, 256);

  /** More than sandboxes that run at one time on most machines; others have the uid of the data. */
  private static final int MAX_WAITING_UIDS = 1024;

  /** Uses the registry of npm that Deno uses, and the platform's certificate authorities. */
  public SandboxModule(SandboxSettings settings, StateFolder folder, Path install, Clock clock) {
    this(
        settings,
        folder,
        install,
        clock,
        Optional.empty(),
        TrustedAuthorities.platformOnly(),
        Optional.empty());
  }

  /**
   * @param inSession whether to leave the cgroup of this process alone, because other processes of
   *     a person's session are in it
   */
  public LocalSandboxHost open(LogRegistry logs, EgressGateway egress, boolean inSession) {
    return inSession
        ? LocalSandboxHost.openInSession(hostSettings(), logs, egress)
        : LocalSandboxHost.open(hostSettings(), logs, egress);
  }

  private LocalHostSettings hostSettings() {
    LocalHostSettings hostSettings =
        new LocalHostSettings(
            folder.run(),
            DenoBinary.find(Optional.empty(), Optional.of(install)),
            Programs.find(),
            allowWeaker(),
            settings.cgroupParent().map(Path::of),
            LocalHostSettings.DEFAULT_START_TIMEOUT);
    UidRange waiting = waitingUids();
    hostSettings = hostSettings.withWaitingUids(waiting.first(), waiting.count());
    return inspector.map(hostSettings::withInspector).orElse(hostSettings);
  }

  /**
   * Takes over the volumes. Call this after {@link #open}, which stops processes of an earlier
   * server that still use the data.
   */
  public Storage storage() {
    return loopProblem()
        .<Storage>map(SoftStorage::new)
        .orElseGet(() -> LoopStorage.takeOver(folder.data()));
  }

  /** In a container, devices and mounts can be forbidden although they seem to exist. */
  private Optional<Storage.Missing> loopProblem() {
    Optional<Storage.Missing> missing = LoopSupport.unavailable();
    return missing.isPresent() || !LocalSandboxHost.isInContainer() ? missing : tryVolume();
  }

  /**
   * Mounts a small volume in the folder of all data. Returns why it failed; empty if it succeeded.
   */
  public Optional<Storage.Missing> tryVolume() {
    Path trial = folder.data().resolve("volume-trial");
    try {
      FileTree.delete(trial);
      Files.createDirectory(trial);
      Optional<Storage.Missing> result = LoopSupport.attempt(trial);
      FileTree.delete(trial);
      return result;
    } catch (IOException e) {
      return Optional.of(
          new Storage.Missing(
              "a test volume cannot be created: " + e, "let the server write its state folder"));
    }
  }

  /** Opens the data folders. The first uid of the range is reserved for installations. */
  DataFolders dataFolders(StateDatabase database) {
    return DataFolders.open(folder, database, uidAllocator(), clock, separatesUids());
  }

  private UidAllocator uidAllocator() {
    return uidAllocator(waitingUids().first());
  }

  /** Returns the allocator of the uids below this one, without that of installations. */
  private UidAllocator uidAllocator(int end) {
    int first = settings.uidRange().first() + 1;
    return new UidAllocator(folder, first, end - first);
  }

  /**
   * Returns the end of the range, for sandboxes that wait for an appspace; no uids if an earlier
   * release has given some of them to data.
   */
  private UidRange waitingUids() {
    UidRange all = settings.uidRange();
    int end = all.first() + all.count();
    int first = end - Math.min(MAX_WAITING_UIDS, all.count() / 10);
    return uidAllocator(end).first() > first
        ? new UidRange(end, 0)
        : new UidRange(first, end - first);
  }

  /** Returns the names of the isolation layers that may be missing. */
  public Set<String> allowWeaker() {
    return settings.allowWeaker().stream()
        .map(isolationLayer -> isolationLayer.name().toLowerCase(Locale.ROOT))
        .collect(Collectors.toSet());
  }

  public AppStore store(LocalSandboxHost host) {
    return AppStore.open(folder.apps(), installSettings(host), clock);
  }

  public InstallSettings installSettings(LocalSandboxHost host) {
    DenoBinary found = DenoBinary.find(Optional.empty(), Optional.of(install));
    return new InstallSettings(
        host.launcher(),
        found.path(),
        DenoBinary.VERSION,
        host.runtimeFolder(),
        installationUid(),
        () -> host.cgroup(INSTALLATION),
        List.of(),
        npmRegistry.map(url -> Map.of("NPM_CONFIG_REGISTRY", url.toString())).orElseGet(Map::of),
        trusted);
  }

  public LifecycleSettings lifecycle() {
    return new LifecycleSettings(
        settings.maxLive(),
        settings.maxMemoryBytes().orElseGet(() -> memoryOfThisMachine() / 4 * 3),
        LifecycleSettings.DEFAULT_DRAIN,
        LifecycleSettings.DEFAULT_GRACE,
        settings.waiting(),
        Optional.of(folder.lastUsed()));
  }

  /** Returns the user that all sandboxes share; empty if each sandbox has its own user. */
  OptionalInt sharedUid() {
    return separatesUids() ? OptionalInt.empty() : OptionalInt.of(ownUid());
  }

  private boolean separatesUids() {
    return ownUid() == 0;
  }

  private int installationUid() {
    return separatesUids() ? settings.uidRange().first() : ownUid();
  }

  private static int ownUid() {
    try {
      return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("/proc is not mounted", e);
    }
  }

  private static long memoryOfThisMachine() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }
}
