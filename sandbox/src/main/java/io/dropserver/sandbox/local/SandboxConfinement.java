package io.dropserver.sandbox.local;

import io.dropserver.sandbox.SandboxHost;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.deno.DenoCommand;
import io.dropserver.sandbox.deno.DenoLayer;
import io.dropserver.sandbox.deno.DenoPermissions.Network;
import io.dropserver.sandbox.deno.SandboxPaths;
import io.dropserver.sandbox.inspector.InspectorTarget;
import io.dropserver.sandbox.isolation.Bind;
import io.dropserver.sandbox.isolation.Cgroup;
import io.dropserver.sandbox.isolation.Confinement;
import io.dropserver.schema.instance.Appspace.Isolation;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Describes what the processes of a sandbox run and can access: command, environment and binds.
 *
 * @param folder the host folder of the sandbox's sockets and overlays
 * @param deno the Deno executable on the host
 * @param runtime the host folder of the in-sandbox runtime
 * @param usesNode whether the app may use Node clients, which must be redirected to the gateway
 * @param inspector runs the app under V8's inspector
 */
record SandboxConfinement(
    SandboxSpec spec,
    Path folder,
    Path deno,
    Path runtime,
    DenoLayer denoLayer,
    boolean usesNode,
    Optional<InspectorTarget> inspector) {
  private static final long TEMPORARY_BYTES = 64L << 20;

  /** Returns the confinement of the app itself. */
  Confinement ofApp(Optional<Cgroup> cgroup, Path locationData) {
    return confinement(
        cgroup,
        locationData,
        command(),
        environment(),
        SandboxPaths.of(spec.app().manifest().launchOptions().workingFolder()));
  }

  /** Returns the confinement of a sandbox that waits for its appspace. */
  Confinement ofWaiting(Optional<Cgroup> cgroup) {
    return confinement(
        cgroup,
        spec.dataFolder().resolve(SandboxPaths.OWN_FILES).resolve("location_data"),
        DenoCommand.waiting(command()),
        DenoCommand.waitingEnvironment(spec.app().manifest()),
        SandboxPaths.APP);
  }

  private List<String> command() {
    List<String> command = DenoCommand.run(spec.app(), usesNode, denoLayer);
    return inspector
        .map(it -> DenoCommand.inspected(command, InspectorTarget.PORT, it.breaksAtStart()))
        .orElse(command);
  }

  /** Returns the confinement of a program of the app that runs to completion. */
  Confinement ofProgram(Optional<Cgroup> cgroup, Path locationData, SandboxHost.Program program) {
    SortedMap<String, String> environment = new TreeMap<>(environment());
    environment.remove(DenoCommand.FILES);
    environment.putAll(program.environment());
    String module = SandboxPaths.APP + "/" + program.module();
    return confinement(
        cgroup,
        locationData,
        DenoCommand.program(module, usesNode, denoLayer, Network.OWN_SOCKET),
        environment,
        SandboxPaths.DATA);
  }

  private SortedMap<String, String> environment() {
    return DenoCommand.environment(
        spec.appspace(), spec.url(), spec.config(), spec.app().manifest());
  }

  private Confinement confinement(
      Optional<Cgroup> cgroup,
      Path locationData,
      List<String> command,
      SortedMap<String, String> environment,
      String workingFolder) {
    boolean gvisor = spec.isolation() == Isolation.GVISOR;
    return new Confinement(
        spec.uid(),
        command,
        environment,
        binds(locationData),
        TEMPORARY_BYTES,
        workingFolder,
        cgroup,
        gvisor ? Optional.empty() : Optional.of(folder.resolve("overlays")),
        gvisor ? Optional.of(folder.resolve("gvisor")) : Optional.empty());
  }

  /** Returns the folder in which the relay to the inspector creates its socket. */
  Path inspectorFolder() {
    return folder.resolve("inspector");
  }

  private List<Bind> binds(Path locationData) {
    List<Bind> binds = new ArrayList<>();
    binds.add(Bind.shared(deno, SandboxPaths.DENO));
    binds.add(Bind.shared(runtime, SandboxPaths.RUNTIME));
    binds.add(Bind.shared(spec.app().denoConfig(), SandboxPaths.DENO_CONFIG));
    binds.add(Bind.shared(spec.app().denoDir(), SandboxPaths.CACHE));
    Path mountPoint = spec.app().denoDir().resolve("location_data");
    if (Files.isDirectory(mountPoint, LinkOption.NOFOLLOW_LINKS)) {
      binds.add(Bind.writable(locationData, SandboxPaths.LOCATION_DATA));
    }
    binds.add(Bind.shared(spec.app().files(), SandboxPaths.APP));
    binds.add(Bind.writable(spec.dataFolder(), SandboxPaths.DATA));
    Path ownFiles = spec.dataFolder().resolve(SandboxPaths.OWN_FILES);
    binds.add(Bind.writable(ownFiles, SandboxPaths.STORE));
    binds.add(Bind.readOnly(folder.resolve("cover"), SandboxPaths.COVERED));
    binds.add(Bind.readOnly(folder.resolve("host"), SandboxPaths.HOST_SOCKETS));
    binds.add(Bind.writable(folder.resolve("own"), SandboxPaths.OWN_SOCKETS));
    if (inspector.isPresent()) {
      binds.add(Bind.writable(inspectorFolder(), SandboxPaths.INSPECTOR_SOCKETS));
    }
    return binds;
  }
}
