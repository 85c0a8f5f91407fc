package io.dropserver.sandbox.app;

import static io.dropserver.state.condition.AppReason.DEPENDENCIES_FAILED;
import static io.dropserver.state.condition.AppReason.INSTALL_FAILED;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.app.InstallSandbox.Result;
import io.dropserver.sandbox.deno.SandboxPaths;
import io.dropserver.sandbox.isolation.Bind;
import io.dropserver.schema.instance.App.LockFile;
import io.dropserver.schema.instance.App.NpmSource;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * Decides the version of each dependency of a package from npm, and writes the lock file. Deno runs
 * in the sandbox of installations, with access to the registries only. It downloads packages to
 * compute what the registry does not state, and runs no code of them. Thread-safe.
 */
public final class NpmResolver {
  private static final int LINES = 20;

  private final InstallSandbox sandbox;
  private final Registries registries;

  public NpmResolver(InstallSettings settings) {
    this.sandbox = new InstallSandbox(settings, InstallRunLimits.DEFAULT);
    this.registries = new Registries(sandbox, settings);
  }

  /**
   * A lock file that was checked.
   *
   * @param packages the number of packages in it
   */
  public record Resolved(String lock, int packages) {}

  /**
   * Resolves a package. Blocks for up to 5 minutes.
   *
   * @param source its lock is ignored
   * @param temporary an empty folder that only this process can write; every parent folder must be
   *     searchable by other users
   * @throws SandboxException with a reason of {@link io.dropserver.state.condition.AppReason}
   */
  public Resolved resolve(NpmSource source, Path temporary) {
    try {
      Path work = FolderAccess.passable(temporary.resolve("resolve"));
      try {
        byte[] found = lock(source, work);
        NpmLock npmLock = NpmLock.read(found, source);
        return new Resolved(new String(npmLock.text(), UTF_8), npmLock.packages());
      } finally {
        FileTree.delete(work);
      }
    } catch (IOException e) {
      throw new SandboxException(
          INSTALL_FAILED,
          "%s cannot be resolved in %s: %s."
              .formatted(
                  source.specifier(), temporary, Printable.of(String.valueOf(e.getMessage()))),
          e);
    }
  }

  /**
   * Returns the address of the registry from which packages are resolved. It ends with a slash.
   * Blocks for up to 40 s, at the first call.
   *
   * @param temporary as for {@link #resolve}
   */
  public URI registry(Path temporary) throws IOException {
    Path work = FolderAccess.passable(temporary.resolve("registry"));
    try {
      return registries.npm(work);
    } finally {
      FileTree.delete(work);
    }
  }

  private byte[] lock(NpmSource source, Path work) throws IOException {
    Path sockets = FolderAccess.passable(work.resolve("s"));
    Path cache = FolderAccess.writable(work.resolve("cache"), sandbox.uid());
    Path config = work.resolve("deno.json");
    Path app = FolderAccess.passable(work.resolve("app"));
    FolderAccess.writeReadable(config, config(source));
    List<Bind> binds =
        List.of(
            Bind.readOnly(app, SandboxPaths.APP),
            Bind.readOnly(sockets, SandboxPaths.HOST_SOCKETS),
            Bind.readOnly(config, SandboxPaths.DENO_CONFIG),
            Bind.writable(cache, SandboxPaths.CACHE));
    List<String> arguments =
        List.of("cache", "--config", SandboxPaths.DENO_CONFIG, source.specifier());
    try (var gateway = registries.gateway(sockets, registries.origins(work))) {
      Result result = registries.run(arguments, binds, sandbox.limits().dependencies());
      if (!result.succeeded()) {
        throw failed(source, result, gateway);
      }
    }
    return read(cache.resolve(AppConfigWriter.LOCK));
  }

  private static byte[] config(NpmSource source) {
    ObjectNode deno = AppConfig.JSON.createObjectNode();
    deno.putObject("imports").put(source.name(), source.specifier());
    deno.put("nodeModulesDir", "none");
    deno.putObject("lock").put("path", SandboxPaths.CACHE + "/" + AppConfigWriter.LOCK);
    return AppConfig.JSON.writeValueAsBytes(deno);
  }

  private static SandboxException failed(NpmSource source, Result result, RegistryGateway gateway) {
    String how =
        result
            .exceeded()
            .map(InstallSandbox.Limit::text)
            .orElseGet(() -> "Deno ended with status " + result.status());
    String asked =
        gateway.failed().stream().sorted().findFirst().map(text -> " (" + text + ")").orElse("");
    return new SandboxException(
        DEPENDENCIES_FAILED,
        "%s cannot be resolved: %s%s. Check name and version.\n%s"
            .formatted(source.specifier(), how, asked, Printable.tail(result.output(), LINES)));
  }

  /** The sandbox can write this folder, so the entry may be a link, a pipe or of any size. */
  private static byte[] read(Path lock) throws IOException {
    if (!Files.isRegularFile(lock, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException("Deno wrote no lock file");
    }
    try (InputStream in = Files.newInputStream(lock, LinkOption.NOFOLLOW_LINKS)) {
      return in.readNBytes(LockFile.MAX_BYTES + 1);
    }
  }
}
