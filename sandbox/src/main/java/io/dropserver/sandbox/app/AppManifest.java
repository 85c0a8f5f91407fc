package io.dropserver.sandbox.app;

import static io.dropserver.state.condition.AppReason.MANIFEST_INVALID;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.Problem;
import io.dropserver.schema.read.ManifestReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads the manifest of unpacked files. Thread-safe. */
final class AppManifest {
  /** A larger file is not a manifest. The limit keeps a hostile file out of memory. */
  private static final long MAX_BYTES = 1 << 20;

  private static final Pattern MODULE = Pattern.compile(".*\\.(?:ts|tsx|mts|js|jsx|mjs|cjs)");

  private final ManifestReader reader = new ManifestReader();

  /**
   * Reads and validates {@code dropapp.json}.
   *
   * @param files the app's folder; only this process can write it
   * @throws io.dropserver.sandbox.SandboxException reason {@code ManifestInvalid}
   */
  DropappManifest read(Path files) throws IOException {
    Path file = files.resolve(ManifestReader.FILE_NAME);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new SandboxException(MANIFEST_INVALID, missing(files));
    }
    if (Files.size(file) > MAX_BYTES) {
      throw new SandboxException(
          MANIFEST_INVALID, "dropapp.json is larger than 1 MiB, the limit of a manifest.");
    }
    var manifestResult = reader.read(ManifestReader.FILE_NAME, Files.readAllBytes(file));
    DropappManifest dropappManifest =
        manifestResult
            .manifest()
            .orElseThrow(
                () ->
                    new SandboxException(
                        MANIFEST_INVALID,
                        manifestResult.problems().stream()
                            .map(Problem::toString)
                            .collect(Collectors.joining("\n"))));
    if (dropappManifest.npmProgram().isEmpty()) {
      requireProgram(files, "entrypoint", dropappManifest.entrypoint());
    }
    dropappManifest.migrate().ifPresent(path -> requireProgram(files, "migrate", path));
    return dropappManifest;
  }

  private static void requireProgram(Path files, String key, String path) {
    Path program = files.resolve(path).normalize();
    if (!program.startsWith(files) || !Files.isRegularFile(program, LinkOption.NOFOLLOW_LINKS)) {
      throw new SandboxException(
          MANIFEST_INVALID,
          "dropapp.json: %s names \"%s\", which the app does not contain."
              .formatted(key, Printable.of(path)));
    }
    if (!MODULE.matcher(path).matches()) {
      throw new SandboxException(
          MANIFEST_INVALID,
          "dropapp.json: %s names \"%s\": write a module that ends in .ts, .tsx, .mts, .js, .jsx, .mjs or .cjs."
              .formatted(key, Printable.of(path)));
    }
  }

  /**
   * Returns the message for a missing manifest. If a subfolder contains the manifest, the message
   * names that subfolder, because archives made by a forge put all files into one.
   */
  private static String missing(Path files) throws IOException {
    try (Stream<Path> top = Files.list(files)) {
      Optional<Path> below =
          top.filter(path -> Files.isRegularFile(path.resolve(ManifestReader.FILE_NAME)))
              .findFirst();
      return "The app has no dropapp.json in its top folder: "
          + below
              .map(
                  folder ->
                      "the folder \"%s\" has one; pack that folder's content, or name the folder as path or subdir."
                          .formatted(Printable.of(folder.getFileName().toString())))
              .orElse("add a dropapp.json with name, version and entrypoint.");
    }
  }
}
