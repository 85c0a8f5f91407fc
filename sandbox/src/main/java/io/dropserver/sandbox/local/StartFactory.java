package io.dropserver.sandbox.local;

import io.dropserver.base.linux.NativeFile;
import io.dropserver.egress.gateway.EgressGateway;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.deno.DenoLayer;
import io.dropserver.sandbox.deno.NodeModuleDetector;
import io.dropserver.sandbox.log.LogRegistry;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

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
    String id = "s" + starts.incrementAndGet();
    SandboxConfinement confinement =
        new SandboxConfinement(
            spec,
            settings.runFolder().toAbsolutePath().resolve(id),
            settings.deno().path(),
            runtime,
            denoLayer,
            usesNode(spec.app()),
            settings.inspector());
    return new SandboxStart(
        confinement,
        runFolder.path().resolve(id),
        logs.of(spec.appspace()),
        watch,
        egress,
        settings.startTimeout());
  }

  /** Determined once for each content, because an installed app does not change. */
  private boolean usesNode(InstalledApp app) {
    return usesNode.computeIfAbsent(
        app.denoDir(), folder -> NodeModuleDetector.isUsedBy(app.files(), folder));
  }
}
