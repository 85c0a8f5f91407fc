package io.dropserver.sandbox.local;

import io.dropserver.base.linux.Signals;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.deno.DenoBinary;
import io.dropserver.sandbox.deno.DenoCommand;
import io.dropserver.sandbox.deno.DenoLayer;
import io.dropserver.sandbox.deno.NodeModuleDetector;
import io.dropserver.sandbox.deno.SandboxPaths;
import io.dropserver.sandbox.isolation.Bind;
import io.dropserver.sandbox.isolation.Confinement;
import io.dropserver.sandbox.isolation.Launcher;
import io.dropserver.sandbox.isolation.Programs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Fills an app's code cache with one start with a writable cache, as an installation does. */
final class CodeCache {
  private CodeCache() {}

  static void fill(SandboxSpec spec, Path folder) throws Exception {
    Path own = folder.resolve("fill");
    SandboxFolders.createFor(own, spec.uid());
    var _ = SandboxFolders.prepareData(spec.dataFolder(), spec.uid());
    SandboxFolders.own(spec.app().denoDir(), spec.uid());
    try (Launcher launcher =
            new Launcher(Programs.find(), folder.resolve("run").resolve("seccomp.bpf"), List.of());
        SocketWatch watch = SocketWatch.open();
        SocketWatch.FileCreation fileCreation = watch.register(own)) {
      Process process = launcher.start(confinement(spec, folder, own));
      AppReadiness.awaitSocket(fileCreation, process, Duration.ofSeconds(20));
      DenoProcess.under(process.pid()).forEach(Signals::terminate);
      var _ = process.waitFor();
    }
  }

  private static Confinement confinement(SandboxSpec spec, Path folder, Path own) {
    return new Confinement(
        spec.uid(),
        DenoCommand.run(
            spec.app(),
            NodeModuleDetector.isUsedBy(spec.app().files(), spec.app().denoDir()),
            DenoLayer.OFF),
        DenoCommand.environment(spec.appspace(), spec.url(), spec.config(), spec.app().manifest()),
        List.of(
            Bind.readOnly(
                DenoBinary.find(Optional.empty(), Optional.empty()).path(), SandboxPaths.DENO),
            Bind.readOnly(
                folder.resolve("run/system" + SandboxPaths.RUNTIME), SandboxPaths.RUNTIME),
            Bind.readOnly(spec.app().denoConfig(), SandboxPaths.DENO_CONFIG),
            Bind.writable(spec.app().denoDir(), SandboxPaths.CACHE),
            Bind.readOnly(spec.app().files(), SandboxPaths.APP),
            Bind.writable(spec.dataFolder(), SandboxPaths.DATA),
            Bind.writable(own, SandboxPaths.OWN_SOCKETS)),
        16 << 20,
        SandboxPaths.DATA,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }
}
