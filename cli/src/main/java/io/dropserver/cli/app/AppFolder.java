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
import io.dropserver.schema.instance.SourceTree;
import io.dropserver.schema.instance.SourceTree.TreeEntry;
import io.dropserver.schema.read.ManifestReader;
import io.dropserver.schema.read.ManifestReader.ManifestResult;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The folder of an app on its author's machine.
 *
 * @param manifest its {@code dropapp.json}, completed
 * @param text of that manifest
 * @param inferred what the folder's own {@code dropapp.json} lacks, and from which place each value
 *     is; empty if the file is complete
 */
public record AppFolder(Path folder, DropappManifest manifest, String text, List<String> inferred) {
  private static final int MAX_MANIFEST_BYTES = 1 << 20;
  private static final JsonMapper JSON = JsonMapper.shared();

  /**
   * Reads the manifest, and infers the required fields that it lacks. Changes no file.
   *
   * @throws CommandException with all problems of the manifest, as file:line:column
   */
  public static AppFolder read(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new CommandException(folder + " is not a folder", "name the folder of an app");
    }
    Path file = folder.resolve(ManifestReader.FILE_NAME);
    byte[] bytes = content(file);
    ManifestResult result = new ManifestReader().read(file.toString(), bytes);
    return result.manifest().isPresent()
        ? new AppFolder(folder, result.manifest().get(), text(bytes), List.of())
        : completed(folder, bytes, result);
  }

  private static byte[] content(Path file) throws IOException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return new byte[] {'{', '}'};
    }
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw invalid(file, file + " is not a regular file", "replace it with one");
    }
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      bytes = in.readNBytes(MAX_MANIFEST_BYTES + 1);
    }
    if (bytes.length > MAX_MANIFEST_BYTES) {
      throw invalid(file, file + " is larger than 1 MiB", "write a shorter manifest");
    }
    return bytes;
  }

  private static AppFolder completed(Path folder, byte[] bytes, ManifestResult own)
      throws IOException {
    ObjectNode fields = object(bytes).orElseThrow(() -> invalid(own));
    List<String> missing =
        ManifestInference.FIELDS.stream().filter(field -> !fields.has(field)).toList();
    if (own.problems().size() > missing.size()) {
      throw invalid(own);
    }
    ManifestInference inference = new ManifestInference(folder);
    for (String field : missing) {
      fields.put(
          field,
          inference.infer(field).orElseThrow(() -> unknown(folder, fields, inference.lines())));
    }
    String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(fields) + "\n";
    ManifestResult result =
        new ManifestReader().read(ManifestReader.FILE_NAME, text.getBytes(StandardCharsets.UTF_8));
    DropappManifest manifest = result.manifest().orElseThrow(() -> invalid(result));
    return new AppFolder(folder, manifest, text, inference.lines());
  }

  private static Optional<ObjectNode> object(byte[] bytes) {
    try {
      return JSON.readTree(bytes) instanceof ObjectNode object
          ? Optional.of(object)
          : Optional.empty();
    } catch (JacksonException _) {
      return Optional.empty();
    }
  }

  private static CommandException unknown(Path folder, ObjectNode fields, List<String> lines) {
    boolean present = Files.exists(folder.resolve(ManifestReader.FILE_NAME));
    fields.put("entrypoint", "FILE");
    String unused =
        lines.stream()
            .filter(line -> line.startsWith("not used"))
            .map(line -> "\n" + line)
            .collect(Collectors.joining());
    return invalid(
        folder.resolve(ManifestReader.FILE_NAME),
        folder
            + (present ? "/dropapp.json has no entrypoint" : " has no dropapp.json")
            + ", and none of these names its program: "
            + ManifestInference.SEARCHED
            + unused,
        "write dropapp.json: %s; or name the folder of an app, or make one with `dropserver app new`"
            .formatted(VisibleText.line(JSON.writeValueAsString(fields))));
  }

  private static CommandException invalid(ManifestResult result) {
    return new CommandException(
        "the manifest is not valid:\n"
            + result.problems().stream()
                .map(Problem::toString)
                .map(VisibleText::line)
                .collect(Collectors.joining("\n")),
        "correct the manifest; docs/apps/manifest.md lists its fields",
        new InvalidManifestException(result.problems()));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
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
      SourceTree listed = PackageWriter.list(folder, skipped);
      SourceTree tree = inferred.isEmpty() ? listed : new CompletedTree(listed, text);
      Written written = PackageWriter.write(tree, target);
      List<String> secrets =
          listed.entries().stream().map(TreeEntry::path).filter(SecretFiles::contains).toList();
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
