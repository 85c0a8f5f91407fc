package io.dropserver.sandbox.app;

import static io.dropserver.state.condition.AppReason.DEPENDENCIES_FAILED;
import static io.dropserver.state.condition.AppReason.INSTALL_FAILED;
import static io.dropserver.state.condition.AppReason.LOCK_MISMATCH;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.app.InstallSandbox.Limit;
import io.dropserver.sandbox.app.InstallSandbox.Result;
import io.dropserver.sandbox.deno.SandboxPaths;
import io.dropserver.sandbox.isolation.Bind;
import io.dropserver.schema.instance.App.LockFile;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.NpmProgram;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.node.ObjectNode;

/**
 * Decides the version of each package that an app imports, and writes the lock file. Deno runs in
 * the sandbox of installations, with access to the registries only. It reads the app's modules and
 * runs no code of them. Thread-safe.
 */
public final class AppResolver {
  private static final int LINES = 20;

  private final InstallSandbox sandbox;
  private final Registries registries;

  public AppResolver(InstallSettings settings) {
    this.sandbox = new InstallSandbox(settings, InstallRunLimits.DEFAULT);
    this.registries = new Registries(sandbox, settings);
  }

  /**
   * Resolves the packages of an app. Blocks for up to 5 minutes.
   *
   * @param files with a manifest and without a lock
   * @param temporary a folder that only this process can write; every parent folder must be
   *     searchable by other users
   * @return the lock and the number of packages in it; empty if the app imports none
   * @throws SandboxException with a reason of {@link io.dropserver.state.condition.AppReason}
   */
  public Optional<NpmResolver.Resolved> resolve(AppFiles files, Path temporary) {
    try {
      Path work = FolderAccess.passable(temporary.resolve("resolve"));
      try {
        return lock(files, work).map(AppResolver::checked);
      } finally {
        FileTree.delete(work);
      }
    } catch (IOException e) {
      throw new SandboxException(
          INSTALL_FAILED,
          "The app's packages cannot be resolved in %s: %s."
              .formatted(temporary, Printable.of(String.valueOf(e.getMessage()))),
          e);
    }
  }

  private Optional<byte[]> lock(AppFiles files, Path work) throws IOException {
    InstallFolder install = new InstallFolder(FolderAccess.passable(work.resolve("app")));
    FolderAccess.passable(install.files());
    FolderAccess.writable(install.cache(), sandbox.uid());
    Path sockets = FolderAccess.passable(work.resolve("s"));
    files.copyTo(new Unpacker(install.files(), AppSizeLimits.DEFAULT));
    DropappManifest manifest = new AppManifest().read(install.files());
    AppConfigWriter.writeUnlocked(install, AppConfig.read(install.files()));
    makeReadable(install.files());
    List<Bind> binds =
        List.of(
            Bind.readOnly(install.files(), SandboxPaths.APP),
            Bind.readOnly(sockets, SandboxPaths.HOST_SOCKETS),
            Bind.readOnly(install.denoConfig(), SandboxPaths.DENO_CONFIG),
            Bind.writable(install.cache(), SandboxPaths.CACHE));
    try (var gateway = registries.gateway(sockets, registries.origins(work))) {
      Result result = registries.run(command(manifest), binds, sandbox.limits().dependencies());
      if (!result.succeeded()) {
        throw failed(result, gateway);
      }
    }
    return read(install.cache().resolve(AppConfigWriter.LOCK));
  }

  private static List<String> command(DropappManifest manifest) {
    List<String> arguments =
        new ArrayList<>(List.of("cache", "--config", SandboxPaths.DENO_CONFIG));
    arguments.add(
        manifest
            .npmProgram()
            .map(AppResolver::specifier)
            .orElseGet(() -> SandboxPaths.APP + "/" + manifest.entrypoint()));
    manifest.migrate().ifPresent(path -> arguments.add(SandboxPaths.APP + "/" + path));
    return arguments;
  }

  private static String specifier(NpmProgram program) {
    return NpmProgram.PREFIX + program.name() + program.range().map(it -> "@" + it).orElse("");
  }

  private static void makeReadable(Path files) throws IOException {
    try (Stream<Path> all = Files.walk(files)) {
      for (Path path : (Iterable<Path>) all::iterator) {
        boolean folder = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
        Files.setPosixFilePermissions(
            path, PosixFilePermissions.fromString(folder ? "rwxr-xr-x" : "rw-r--r--"));
      }
    }
  }

  private static SandboxException failed(Result result, RegistryGateway gateway) {
    String how =
        result
            .exceeded()
            .map(Limit::text)
            .orElseGet(() -> "Deno ended with status " + result.status());
    String asked =
        Stream.concat(gateway.refused().stream(), gateway.failed().stream())
            .sorted()
            .findFirst()
            .map(text -> " (" + text + ")")
            .orElse("");
    return new SandboxException(
        DEPENDENCIES_FAILED,
        "The app's packages cannot be resolved: %s%s. Only npm: and jsr: packages are installed.\n%s"
            .formatted(how, asked, Printable.tail(result.output(), LINES)));
  }

  /** The sandbox can write this folder, so the entry may be a link, a pipe or of any size. */
  private static Optional<byte[]> read(Path lock) throws IOException {
    if (!Files.exists(lock, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    if (!Files.isRegularFile(lock, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException("Deno wrote no lock file");
    }
    try (InputStream in = Files.newInputStream(lock, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.of(in.readNBytes(LockFile.MAX_BYTES + 1));
    }
  }

  /** Returns only the parts about packages. */
  private static NpmResolver.Resolved checked(byte[] text) {
    if (text.length > LockFile.MAX_BYTES) {
      throw refused("is larger than " + (LockFile.MAX_BYTES >> 20) + " MiB");
    }
    try {
      if (AppConfig.JSON.readTree(text) instanceof ObjectNode lock) {
        ObjectNode own = AppConfig.JSON.createObjectNode();
        own.put("version", lock.path("version").asString(""));
        ObjectNode specifiers = own.putObject("specifiers");
        lock.path("specifiers")
            .properties()
            .forEach(entry -> specifiers.put(entry.getKey(), entry.getValue().asString("")));
        for (String registry : List.of("jsr", "npm")) {
          if (!lock.path(registry).isEmpty()) {
            own.set(registry, NpmLockFields.of(lock.path(registry), AppResolver::refused));
          }
        }
        String written =
            new String(
                AppConfig.JSON
                    .writerWithDefaultPrettyPrinter()
                    .with(JsonWriteFeature.ESCAPE_NON_ASCII)
                    .writeValueAsBytes(own),
                UTF_8);
        return new NpmResolver.Resolved(written, lock.path("jsr").size() + lock.path("npm").size());
      }
    } catch (JacksonException e) {
      throw refused("is not valid JSON: " + Printable.of(e.getOriginalMessage()));
    }
    throw refused("is not a JSON object");
  }

  private static SandboxException refused(String problem) {
    return new SandboxException(LOCK_MISMATCH, "The lock file that Deno wrote " + problem + ".");
  }
}
