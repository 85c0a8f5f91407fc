package io.dropserver.sandbox.deno;

import io.dropserver.base.process.Program;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.SandboxReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The Deno executable that runs apps. Its version is pinned, because the isolation of a sandbox
 * depends on the behaviour of that version.
 *
 * @param path absolute, no symlink
 */
public record DenoBinary(Path path) {
  public static final String VERSION = "2.9.6";

  private static final String SETTING = "DROPSERVER_DENO";
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final int OUTPUT_BYTES = 1000;

  /**
   * Finds the executable: at the path from the host's configuration, else at {@code
   * DROPSERVER_DENO} (system property or environment variable), else in {@code tools/node_modules}
   * of the installation folder, of the working folder and of all their parents.
   *
   * @param configured from the host's configuration
   * @param install the folder where Dropserver is installed
   * @throws SandboxException reason {@code DenoUnavailable}; the message contains the remedy
   */
  public static DenoBinary find(Optional<Path> configured, Optional<Path> install) {
    Optional<Path> configuredPath = configured.or(DenoBinary::fromEnvironment);
    if (configuredPath.isPresent()) {
      return checked(configuredPath.get());
    }
    return Stream.concat(install.stream(), Stream.of(Path.of("")))
        .flatMap(start -> above(start).stream())
        .flatMap(folder -> installed(folder).stream())
        .findFirst()
        .map(DenoBinary::checked)
        .orElseThrow(
            () ->
                new SandboxException(
                    SandboxReason.DENO_UNAVAILABLE,
                    "Deno "
                        + VERSION
                        + " was not found; run bin/setup, or set "
                        + SETTING
                        + " to its path"));
  }

  private static Optional<Path> fromEnvironment() {
    return Optional.ofNullable(System.getProperty(SETTING))
        .or(() -> Optional.ofNullable(System.getenv(SETTING)))
        .filter(value -> !value.isBlank())
        .map(Path::of);
  }

  private static List<Path> above(Path start) {
    List<Path> folders = new ArrayList<>();
    for (Path folder = start.toAbsolutePath().normalize();
        folder != null;
        folder = folder.getParent()) {
      folders.add(folder);
    }
    return folders;
  }

  private static Optional<Path> installed(Path folder) {
    Path packages = folder.resolve("tools/node_modules/@deno");
    if (!Files.isDirectory(packages)) {
      return Optional.empty();
    }
    try (Stream<Path> platforms = Files.list(packages)) {
      return platforms
          .map(platform -> platform.resolve("deno"))
          .filter(Files::isExecutable)
          .findFirst();
    } catch (IOException e) {
      throw new SandboxException(
          SandboxReason.DENO_UNAVAILABLE, "cannot list " + packages + ": " + e.getMessage(), e);
    }
  }

  private static DenoBinary checked(Path path) {
    try {
      Path real = path.toRealPath();
      String version = versionOf(real);
      if (!version.startsWith("deno " + VERSION + " ")) {
        throw new SandboxException(
            SandboxReason.DENO_UNAVAILABLE,
            real
                + " is not Deno "
                + VERSION
                + " but: "
                + version.lines().findFirst().orElse("")
                + "; run bin/setup, or set "
                + SETTING);
      }
      return new DenoBinary(real);
    } catch (IOException e) {
      throw new SandboxException(
          SandboxReason.DENO_UNAVAILABLE,
          "cannot run " + path + ": " + e.getMessage() + "; set " + SETTING,
          e);
    }
  }

  private static String versionOf(Path path) throws IOException {
    return Program.of(path.toString(), "--version")
        .environment(Map.of("DENO_NO_UPDATE_CHECK", "1"))
        .mergeErrors()
        .keepFirst(OUTPUT_BYTES)
        .timeout(TIMEOUT)
        .run()
        .output();
  }
}
