package io.dropserver.cli.app;

import io.dropserver.base.text.VisibleText;
import io.dropserver.cli.output.CommandException;
import io.dropserver.cli.repository.GitProgram;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.app.PackageWriter;
import io.dropserver.sandbox.app.PackageWriter.Written;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.Problem;
import io.dropserver.schema.read.ManifestReader;
import io.dropserver.schema.read.ManifestReader.ManifestResult;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The folder of an app on its author's machine.
 *
 * @param manifest its {@code dropapp.json}
 */
public record AppFolder(Path folder, DropappManifest manifest) {
  private static final int MAX_MANIFEST_BYTES = 1 << 20;

  /**
   * Reads the manifest.
   *
   * @throws CommandException with all problems of the manifest, as file:line:column
   */
  public static AppFolder read(Path folder) throws IOException {
    Path file = folder.resolve(ManifestReader.FILE_NAME);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw invalid(
          file,
          folder + " has no " + ManifestReader.FILE_NAME,
          "name the folder of an app, or make one with `dropserver app new`");
    }
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_MANIFEST_BYTES + 1);
    }
    if (bytes.length > MAX_MANIFEST_BYTES) {
      throw invalid(file, file + " is larger than 1 MiB", "write a shorter manifest");
    }
    ManifestResult result = new ManifestReader().read(file.toString(), bytes);
    DropappManifest manifest =
        result
            .manifest()
            .orElseThrow(
                () ->
                    new CommandException(
                        "the manifest is not valid:\n"
                            + result.problems().stream()
                                .map(Problem::toString)
                                .map(VisibleText::line)
                                .collect(Collectors.joining("\n")),
                        "correct the manifest; docs/apps/manifest.md lists its fields",
                        new InvalidManifestException(result.problems())));
    return new AppFolder(folder, manifest);
  }

  private static CommandException invalid(Path file, String message, String remedy) {
    Problem problem = Problem.at(Location.ofFile(file.toString()), message, remedy);
    return new CommandException(message, remedy, new InvalidManifestException(List.of(problem)));
  }

  /** Returns the name of a package file: the app's name in lower case, and its version. */
  String packageName() {
    String name = manifest.name().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    String label = name.replaceAll("^-|-$", "");
    return (label.isEmpty() ? "app" : label) + "-" + manifest.version() + ".tar.gz";
  }

  /**
   * A package of the folder.
   *
   * @param secrets the packed files whose names are usual for credentials
   */
  record Packed(Written written, List<String> secrets) {}

  /**
   * Packs the folder. Leaves out what Git ignores, and an earlier package with its signature.
   *
   * @param name the final path of the package
   * @param target the file to write; overwritten
   */
  Packed pack(Path name, Path target) throws IOException {
    Set<String> ignored = new GitProgram().ignoredInPublication(folder);
    Set<String> own = Set.of(relative(name), relative(name) + ".sig", relative(target));
    Predicate<String> skipped = path -> ignored.contains(path) || own.contains(path);
    try {
      Written written = PackageWriter.write(folder, skipped, target);
      List<String> secrets =
          PackageWriter.list(folder, skipped).stream().filter(SecretFiles::contains).toList();
      return new Packed(written, secrets);
    } catch (SandboxException e) {
      throw new CommandException(
          String.valueOf(e.getMessage()), "correct the folder; no package was written", e);
    }
  }

  private String relative(Path target) {
    return folder
        .toAbsolutePath()
        .normalize()
        .relativize(target.toAbsolutePath().normalize())
        .toString();
  }
}
