package io.dropserver.sandbox.local;

import io.dropserver.base.linux.NativeFile;
import io.dropserver.egress.EgressPolicy;
import io.dropserver.egress.gateway.EgressGateway;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.deno.DenoCommand;
import io.dropserver.sandbox.deno.DenoLayer;
import io.dropserver.sandbox.deno.NodeModuleDetector;
import io.dropserver.sandbox.deno.SandboxPaths;
import io.dropserver.sandbox.isolation.PooledLauncher;
import io.dropserver.sandbox.isolation.Programs;
import io.dropserver.sandbox.linux.UserMapping;
import io.dropserver.sandbox.log.LogRegistry;
import io.dropserver.schema.instance.Appspace.Isolation;
import io.dropserver.schema.instance.Limits;
import io.dropserver.state.condition.SandboxReason;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Creates the starts of one host, each with another folder. Thread-safe. */
final class StartFactory {
  private final LocalHostSettings settings;
  private final DenoLayer denoLayer;
  private final Path runtime;
  private final NativeFile runFolder;
  private final LogRegistry logs;
  private final SocketWatch watch;
  private final EgressGateway egress;
  private final Map<Path, Boolean> usesNode = new ConcurrentHashMap<>();
  private final Map<Path, Boolean> replacesNoModules = new ConcurrentHashMap<>();
  private final AtomicLong starts = new AtomicLong();

  StartFactory(
      LocalHostSettings settings,
      DenoLayer denoLayer,
      Path runtime,
      NativeFile runFolder,
      LogRegistry logs,
      SocketWatch watch,
      EgressGateway egress) {
    this.settings = settings;
    this.denoLayer = denoLayer;
    this.runtime = runtime;
    this.runFolder = runFolder;
    this.logs = logs;
    this.watch = watch;
    this.egress = egress;
  }

  SandboxStart create(SandboxSpec spec) {
    SandboxConfinement confinement = confinement(spec, nextFolder());
    return start(confinement, new SandboxResources(confinement.folder()), spec.uid());
  }

  /** Returns the message for a sandbox that waits, see {@link DenoCommand#message}. */
  byte[] message(SandboxSpec spec) {
    return DenoCommand.message(
        DenoCommand.environment(spec.appspace(), spec.url(), spec.config(), spec.app().manifest()),
        SandboxPaths.of(spec.app().manifest().launchOptions().workingFolder()));
  }

  /** Creates the start of an appspace in a sandbox that waits. */
  SandboxStart create(SandboxSpec spec, WaitingSandbox waiting) {
    return start(
        confinement(spec, waiting.confinement().folder()), waiting.resources(), waiting.uid());
  }

  /**
   * Creates a sandbox that waits for an appspace.
   *
   * @param shell becomes the sandbox; it has ended if this fails
   * @param removal runs when nothing is left of the sandbox
   */
  WaitingSandbox createWaiting(InstalledApp app, int uid, PooledLauncher shell, Runnable removal) {
    Path folder = nextFolder();
    SandboxSpec ofNoAppspace =
        new SandboxSpec(
            "",
            app,
            folder.resolve("empty"),
            uid,
            "",
            new TreeMap<>(),
            Limits.DEFAULT,
            Isolation.NAMESPACES,
            EgressPolicy.NOTHING);
    SandboxResources resources = new SandboxResources(folder);
    resources.removal = removal;
    resources.cgroup = shell.cgroup().orElse(null);
    try {
      SandboxConfinement confinement = confinement(ofNoAppspace, folder);
      Programs programs = settings.programs();
      UserMapping mapping = UserMapping.create(programs.unshare().orElseThrow(), programs.shell());
      resources.removal =
          () -> {
            mapping.close();
            removal.run();
          };
      SandboxFolders.createRunFolders(confinement);
      SandboxFolders.createWaitingFolders(confinement);
      Path path = pinned(folder).resolve("host").resolve(SandboxPaths.EGRESS_NAME);
      ServerSocketChannel gate = WaitingSandbox.openGate(path);
      resources.removal =
          () -> {
            WaitingSandbox.closeGate(gate);
            mapping.close();
            removal.run();
          };
      SandboxStart.handOver(path, uid);
      shell
          .cgroup()
          .ifPresent(
              group -> {
                group.limit(WaitingSandbox.LIMITS);
                group.yieldCpu(true); // it delays no start
              });
      Process process = shell.launch(confinement.ofWaiting(shell.cgroup()));
      resources.process = process;
      return new WaitingSandbox(confinement, shell, process, resources, mapping, gate);
    } catch (IOException | RuntimeException e) {
      shell.close();
      resources.remove();
      throw new SandboxException(SandboxReason.LAUNCH_FAILED, String.valueOf(e.getMessage()), e);
    }
  }

  private Path nextFolder() {
    return settings.runFolder().toAbsolutePath().resolve("s" + starts.incrementAndGet());
  }

  /** Returns the path below the descriptor of the run folder, short enough for sockets. */
  private Path pinned(Path folder) {
    return runFolder.path().resolve(folder.getFileName());
  }

  private SandboxConfinement confinement(SandboxSpec spec, Path folder) {
    return new SandboxConfinement(
        spec,
        folder,
        settings.deno().path(),
        runtime,
        denoLayer,
        usesNode(spec.app()),
        settings.inspector());
  }

  private SandboxStart start(SandboxConfinement confinement, SandboxResources resources, int uid) {
    return new SandboxStart(
        confinement,
        pinned(confinement.folder()),
        logs.of(confinement.spec().appspace()),
        watch,
        egress,
        settings.startTimeout(),
        resources,
        uid);
  }

  /**
   * Returns whether the runtime consists of its own modules alone. The imports of an app apply to
   * them too, and could let code of the app run while a sandbox waits.
   */
  boolean replacesNoModules(InstalledApp app) {
    return replacesNoModules.computeIfAbsent(app.denoDir(), _ -> importsNoUrl(app));
  }

  private static boolean importsNoUrl(InstalledApp app) {
    try {
      JsonNode config = JsonMapper.shared().readTree(Files.readAllBytes(app.denoConfig()));
      return config.path("imports").properties().stream()
          .map(Map.Entry::getKey)
          .noneMatch(StartFactory::isUrl);
    } catch (IOException | JacksonException unreadable) {
      return false; // an ordinary start reports it
    }
  }

  private static boolean isUrl(String specifier) {
    return specifier.startsWith("/") || specifier.startsWith(".") || specifier.contains(":");
  }

  /** Determined once for each content, because an installed app does not change. */
  private boolean usesNode(InstalledApp app) {
    return usesNode.computeIfAbsent(
        app.denoDir(), folder -> NodeModuleDetector.isUsedBy(app.files(), folder));
  }
}
