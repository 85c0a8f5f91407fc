package io.dropserver.sandbox.app;

import static io.dropserver.state.condition.AppReason.INSTALL_FAILED;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.app.InstallProgress.Step;
import io.dropserver.sandbox.app.InstallSandbox.Result;
import io.dropserver.sandbox.app.InstallSandbox.Run;
import io.dropserver.sandbox.deno.DenoCommand;
import io.dropserver.sandbox.deno.DenoPermissions;
import io.dropserver.sandbox.deno.NodeModuleDetector;
import io.dropserver.sandbox.deno.SandboxPaths;
import io.dropserver.sandbox.isolation.Bind;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.schema.instance.DropappManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/**
 * Uses Deno to fetch, transpile, compile and start an app, each step in a sandbox. Thread-safe.
 *
 * @param runtimeFolder Dropserver's in-sandbox TypeScript
 * @param toolchain see {@link Preparation#toolchain()}
 */
record DenoPreparation(
    InstallSandbox sandbox, Registries registries, Path runtimeFolder, String toolchain)
    implements Preparation {
  /** The folders of DENO_DIR that contain packages from a registry: npm and jsr. */
  private static final List<String> PACKAGES = List.of("npm", "remote");

  @Override
  public Prepared prepare(
      InstallFolder install,
      DropappManifest dropappManifest,
      Optional<Path> earlier,
      String lockRemedy,
      InstallProgress installProgress)
      throws IOException {
    Path work = FolderAccess.passable(install.root().resolve("work"));
    try {
      FolderAccess.writable(install.cache(), sandbox.uid());
      // The mount point for a sandbox's localStorage, above the read-only cache.
      FolderAccess.passable(install.cache().resolve("location_data"));
      if (earlier.isPresent()) {
        reusePackages(earlier.get(), install.cache());
      }
      AppConfig config = AppConfig.read(install.files());
      AppConfigWriter.write(install, config);
      makeReadable(install);
      boolean locked = config.lock().isPresent();
      Optional<PackageProgram> program =
          dropappManifest.npmProgram().map(named -> PackageProgram.locked(named, config.lock()));
      // If the app has neither a lock nor a migration, it is started without installing
      // dependencies. That first start compiles the app.
      boolean whole = !locked && dropappManifest.migrate().isEmpty();
      App unprepared = new App(install, dropappManifest, lockRemedy, Optional.empty());
      if (!whole) {
        installProgress.stepStarted(Step.DEPENDENCIES);
        installDependencies(unprepared, program, locked, work);
      }
      Optional<String> path = Optional.empty();
      if (program.isPresent()) {
        path = Optional.of(program.get().locate(install.cache()));
      }
      App app = new App(install, dropappManifest, lockRemedy, path);
      installProgress.stepStarted(Step.CACHE);
      AppRuntime runtime = fillCache(app, whole, work);
      installProgress.stepStarted(Step.SELF_CHECK);
      // Deno makes these links for child processes, which apps may not start.
      FileTree.delete(install.cache().resolve("node_compat_bin"));
      Result second = firstStart(app, work.resolve("second"), false);
      InstallOutcome.requireStarted(second, dropappManifest, install.files());
      InstallOutcome.reportAnswer(second, installProgress);
      return new Prepared(runtime, path);
    } finally {
      FileTree.delete(work);
    }
  }

  /**
   * @param whole whether the app was assumed to be complete, so that no dependencies were installed
   */
  private AppRuntime fillCache(App app, boolean whole, Path work) throws IOException {
    try {
      Result first = firstStart(app, work.resolve("first"), true);
      return InstallOutcome.requireStarted(first, app.manifest(), app.install().files());
    } catch (SandboxException e) {
      if (whole) {
        // The app was not complete. This call throws an exception with a better message, which
        // names the imports that are not locked.
        installDependencies(app, Optional.empty(), false, work);
      }
      throw e;
    }
  }

  private void installDependencies(
      App app, Optional<PackageProgram> program, boolean locked, Path work) throws IOException {
    Set<RegistryGateway.Origin> allowed = locked ? registries.origins(work) : Set.of();
    Path sockets = FolderAccess.passable(work.resolve("s"));
    List<String> arguments =
        new ArrayList<>(List.of("cache", "--config", SandboxPaths.DENO_CONFIG));
    arguments.add(locked ? "--frozen" : "--no-remote");
    arguments.add(SandboxPaths.RUNTIME + "/preload.ts");
    arguments.add(SandboxPaths.RUNTIME + "/node_clients.ts");
    arguments.add(SandboxPaths.RUNTIME + "/main.ts");
    arguments.add(SandboxPaths.RUNTIME + "/first_start.ts");
    arguments.add(
        program
            .map(PackageProgram::specifier)
            .orElseGet(() -> SandboxPaths.APP + "/" + app.manifest().entrypoint()));
    app.manifest().migrate().ifPresent(path -> arguments.add(SandboxPaths.APP + "/" + path));
    try (var gateway = registries.gateway(sockets, allowed)) {
      List<Bind> binds = binds(app.install(), true);
      binds.add(Bind.readOnly(sockets, SandboxPaths.HOST_SOCKETS));
      Result result = registries.run(arguments, binds, sandbox.limits().dependencies());
      try {
        InstallOutcome.requireInstalled(result, gateway, locked, app.lockRemedy());
      } catch (InstallOutcome.RemoteImportException e) {
        throw e.listing(remoteImports(app));
      }
    }
  }

  /** Returns all imports of a URL; Deno's own message names only the first. */
  private Optional<String> remoteImports(App app) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("info", "--json", "--no-remote", "--no-npm"));
    arguments.addAll(List.of("--no-lock", "--config", SandboxPaths.DENO_CONFIG));
    arguments.add(SandboxPaths.APP + "/" + app.manifest().entrypoint());
    Result result =
        registries.run(
            arguments,
            binds(app.install(), true),
            sandbox.limits().dependencies(),
            RemoteImports.GRAPH_BYTES);
    return result.succeeded() ? RemoteImports.list(result.output()) : Optional.empty();
  }

  /**
   * @param packageProgram see {@link Prepared}
   */
  private record App(
      InstallFolder install,
      DropappManifest manifest,
      String lockRemedy,
      Optional<String> packageProgram) {}

  private Result firstStart(App app, Path work, boolean fillsCache) throws IOException {
    FolderAccess.passable(work);
    List<Bind> binds = binds(app.install(), fillsCache);
    Path data = FolderAccess.writable(work.resolve("data"), sandbox.uid());
    Path own = FolderAccess.writable(data.resolve(SandboxPaths.OWN_FILES), sandbox.uid());
    Path storage = FolderAccess.writable(own.resolve("location_data"), sandbox.uid());
    binds.add(Bind.writable(data, SandboxPaths.DATA));
    binds.add(Bind.writable(own, SandboxPaths.STORE));
    binds.add(Bind.readOnly(FolderAccess.readable(work.resolve("cover")), SandboxPaths.COVERED));
    binds.add(Bind.writable(storage, SandboxPaths.LOCATION_DATA));
    binds.add(
        Bind.writable(
            FolderAccess.writable(work.resolve("app"), sandbox.uid()), SandboxPaths.OWN_SOCKETS));
    String workingFolder = SandboxPaths.of(app.manifest().launchOptions().workingFolder());
    return sandbox.run(
        new Run(
            firstCommand(app),
            firstVariables(app.manifest()),
            binds,
            workingFolder,
            sandbox.limits().firstStart(),
            InstallSandbox.OUTPUT_BYTES));
  }

  private SortedMap<String, String> firstVariables(DropappManifest dropappManifest) {
    SortedMap<String, String> variables = DenoCommand.defaults(dropappManifest);
    variables.putAll(registries.variables());
    variables.put("DROPSERVER_ENTRYPOINT", dropappManifest.entrypoint());
    variables.put(
        "DROPSERVER_RUNTIME",
        dropappManifest
            .runtime()
            .map(runtime -> runtime.name().toLowerCase(Locale.ROOT))
            .orElse(""));
    variables.putAll(DenoCommand.files(dropappManifest));
    variables.put("DROPSERVER_APPSPACE", "self-check");
    variables.put("DROPSERVER_URL", "https://self-check.invalid");
    variables.put("DROPSERVER_CONFIG", "{}");
    variables.put("DROPSERVER_SELF_CHECK_MS", Long.toString(sandbox.limits().answer().toMillis()));
    variables.put("HOME", SandboxPaths.DATA);
    variables.put("TMPDIR", SandboxPaths.TEMPORARY);
    variables.put("DENO_SERVE_ADDRESS", "unix:" + SandboxPaths.APP_SOCKET);
    variables.put("DENO_KV_DEFAULT_PATH", SandboxPaths.KV_DATABASE);
    return variables;
  }

  /**
   * Returns the command of the first start. A package's program is the main module, as at every
   * later start, because many programs compare {@code require.main}. In this case, {@code
   * first_start.ts} is only preloaded and observes the program.
   */
  private static List<String> firstCommand(App app) {
    List<String> arguments = new ArrayList<>(List.of("run"));
    arguments.addAll(DenoPermissions.options(DenoPermissions.Network.OWN_SOCKET));
    arguments.addAll(List.of("--cached-only", "--config", SandboxPaths.DENO_CONFIG));
    arguments.addAll(List.of("--preload", SandboxPaths.RUNTIME + "/preload.ts"));
    if (NodeModuleDetector.isUsedBy(app.install().files(), app.install().cache())) {
      arguments.addAll(List.of("--preload", SandboxPaths.RUNTIME + "/node_clients.ts"));
    }
    String firstStart = SandboxPaths.RUNTIME + "/first_start.ts";
    if (app.packageProgram().isPresent()) {
      arguments.addAll(List.of("--preload", firstStart, app.packageProgram().get()));
    } else {
      arguments.add(firstStart);
    }
    arguments.addAll(app.manifest().launchOptions().args());
    return arguments;
  }

  private List<Bind> binds(InstallFolder install, boolean fillsCache) {
    List<Bind> binds = new ArrayList<>();
    binds.add(Bind.readOnly(install.files(), SandboxPaths.APP));
    binds.add(Bind.shared(runtimeFolder, SandboxPaths.RUNTIME));
    binds.add(Bind.readOnly(install.denoConfig(), SandboxPaths.DENO_CONFIG));
    binds.add(
        fillsCache
            ? Bind.writable(install.cache(), SandboxPaths.CACHE)
            : Bind.readOnly(install.cache(), SandboxPaths.CACHE));
    return binds;
  }

  private void reusePackages(Path earlier, Path cache) throws IOException {
    for (String packages : PACKAGES) {
      Path from = earlier.resolve(packages);
      if (Files.isDirectory(from)) {
        FolderAccess.copyWritable(from, cache.resolve(packages), sandbox.uid());
      }
    }
  }

  /**
   * Makes an installation readable for sandboxes, which run as another user. Its files were created
   * with access for this process only.
   */
  private static void makeReadable(InstallFolder install) {
    try (var all = Files.walk(install.files())) {
      for (Path path : (Iterable<Path>) all::iterator) {
        String mode = Files.isDirectory(path) ? "rwxr-xr-x" : "rw-r--r--";
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
      }
      Files.setPosixFilePermissions(
          install.denoConfig(), PosixFilePermissions.fromString("rw-r--r--"));
    } catch (IOException e) {
      throw new SandboxException(
          INSTALL_FAILED, "The app's files cannot be made readable: " + e + ".", e);
    }
  }
}
