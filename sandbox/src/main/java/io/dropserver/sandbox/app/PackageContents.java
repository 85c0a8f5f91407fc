package io.dropserver.sandbox.app;

import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.deno.SandboxPaths;
import io.dropserver.schema.instance.NpmProgram;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/** The files that the author of an installed version wrote. Their content is not trusted. */
public final class PackageContents {
  private PackageContents() {}

  /** Returns the folder: that of the package whose program is run, or that of the app itself. */
  public static Path folder(InstalledApp app) {
    Optional<String> name = app.manifest().npmProgram().map(NpmProgram::name);
    if (app.packageProgram().isEmpty() || name.isEmpty()) {
      return app.files();
    }
    Path program =
        app.denoDir()
            .resolve(Path.of(SandboxPaths.CACHE).relativize(Path.of(app.packageProgram().get())))
            .normalize();
    // npm/REGISTRY/NAME/VERSION, and a name with a scope consists of two folders.
    int depth = 3 + Path.of(name.get()).getNameCount();
    Path relative = app.denoDir().relativize(program);
    return program.startsWith(app.denoDir()) && relative.getNameCount() > depth
        ? app.denoDir().resolve(relative.subpath(0, depth))
        : app.files();
  }

  /**
   * Returns the beginning of a file in that folder; empty if there is no regular file of this name.
   *
   * @param maxBytes the rest of a larger file is left out
   */
  public static Optional<byte[]> read(InstalledApp app, String name, int maxBytes)
      throws IOException {
    Path file = folder(app).resolve(name);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.of(in.readNBytes(maxBytes));
    }
  }
}
