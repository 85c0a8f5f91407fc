package io.dropserver.cli.app;

import io.dropserver.base.text.VisibleText;
import io.dropserver.schema.instance.NpmProgram;
import io.dropserver.schema.instance.Problem;
import io.dropserver.schema.read.ManifestReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Infers the required fields of a manifest from other files of an app's folder, which may be a
 * stranger's. Infers no grants and no flags of commands. A value that a manifest may not have is
 * left out, and {@link #lines} says so. Not thread-safe.
 */
final class ManifestInference {
  /** The required fields of a manifest. */
  static final List<String> FIELDS = List.of("name", "version", "entrypoint");

  private static final List<String> PROGRAMS =
      List.of("main.ts", "mod.ts", "index.ts", "main.js", "index.js", "server.js", "app.js");

  /** What is searched for an entrypoint, for messages. */
  static final String SEARCHED =
      "package.json (scripts.start, main, bin), deno.json or deno.jsonc (tasks.start), "
          + String.join(", ", PROGRAMS);

  private static final String NO_VERSION = "0.0.0";
  private static final int MAX_COMMAND = 1000;
  private static final int MAX_NAME = 100;
  private static final int SHOWN = 100;

  /** One program without arguments. No character of it has a meaning in a shell. */
  private static final Pattern COMMAND =
      Pattern.compile(
          "(?:node|deno\\s+run(?:\\s+-[\\w=,.:/@-]+)*)\\s+(?<file>[\\w@./][\\w@./+-]*)");

  private static final JsonMapper JSON = JsonMapper.shared();

  private final Path folder;
  private final ManifestReader reader = new ManifestReader();
  private final ConfigFile node;
  private final ConfigFile deno;
  private final List<String> lines = new ArrayList<>();

  ManifestInference(Path folder) throws IOException {
    this.folder = folder;
    node = ConfigFile.read(folder, "package.json");
    ConfigFile json = ConfigFile.read(folder, "deno.json");
    deno = json.exists() ? json : ConfigFile.read(folder, "deno.jsonc");
    node.failure().ifPresent(lines::add);
    deno.failure().ifPresent(lines::add);
  }

  /** Returns what was inferred from which place, and what was left out and why. */
  List<String> lines() {
    return List.copyOf(lines);
  }

  /** Returns the value of one of {@link #FIELDS}; only an entrypoint can be empty. */
  Optional<String> infer(String field) {
    return switch (field) {
      case "name" -> Optional.of(declared("name").orElseGet(this::folderName));
      case "version" ->
          Optional.of(
              declared("version")
                  .orElseGet(
                      () ->
                          taken(
                              "version", NO_VERSION, "the default, because no file declares one")));
      default -> entrypoint();
    };
  }

  private Optional<String> declared(String field) {
    return node.at("/" + field)
        .flatMap(it -> usable(field, it))
        .or(() -> deno.at("/" + field).flatMap(it -> usable(field, it)));
  }

  private String folderName() {
    Path absolute = folder.toAbsolutePath().normalize();
    String name = String.valueOf(absolute.getFileName());
    String cut = name.substring(0, Math.min(name.length(), MAX_NAME));
    return refusal("name", cut).isEmpty()
        ? taken("name", cut, "the folder")
        : taken("name", "app", "the default, because no file declares one");
  }

  private Optional<String> entrypoint() {
    return node.at("/scripts/start")
        .flatMap(this::command)
        .or(() -> node.at("/main").flatMap(it -> usable("entrypoint", it)))
        .or(this::program)
        .or(() -> deno.at("/tasks/start").flatMap(this::command))
        .or(this::usual);
  }

  private Optional<String> program() {
    List<ConfigFile.Value> programs = node.below("/bin");
    if (programs.size() > 1) {
      lines.add("not used: package.json (bin): it names " + programs.size() + " programs");
      return Optional.empty();
    }
    return programs.stream().findFirst().flatMap(it -> usable("entrypoint", it));
  }

  private Optional<String> command(ConfigFile.Value start) {
    String text = start.text().strip();
    Matcher matcher = COMMAND.matcher(text.length() > MAX_COMMAND ? "" : text);
    if (!matcher.matches()) {
      lines.add(
          "not used: %s: %s is not \"node FILE\" or \"deno run [FLAGS] FILE\" alone"
              .formatted(start.place(), quoted(text)));
      return Optional.empty();
    }
    return usable("entrypoint", new ConfigFile.Value(matcher.group("file"), start.place()));
  }

  private Optional<String> usual() {
    return PROGRAMS.stream()
        .filter(name -> fileRefusal(name).isEmpty())
        .findFirst()
        .map(name -> taken("entrypoint", name, "its usual name"));
  }

  private Optional<String> usable(String field, ConfigFile.Value value) {
    String text = value.text().startsWith("./") ? value.text().substring(2) : value.text();
    text = field.equals("entrypoint") ? resolvedLikeNode(text) : text;
    Optional<String> refusal = refusal(field, text);
    if (refusal.isPresent()) {
      lines.add(
          "not used: %s: %s: %s".formatted(value.place(), quoted(value.text()), refusal.get()));
      return Optional.empty();
    }
    return Optional.of(taken(field, text, value.place()));
  }

  /**
   * Returns the first usable file of the path, the path with {@code .js}, and its {@code index.js}.
   */
  private String resolvedLikeNode(String path) {
    String name = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    String index = name.isEmpty() || name.equals(".") ? "index.js" : name + "/index.js";
    return Stream.of(path, path + ".js", index)
        .filter(it -> fileRefusal(it).isEmpty())
        .findFirst()
        .orElse(path);
  }

  private String taken(String field, String value, String place) {
    lines.add("inferred: %s %s, from %s".formatted(field, quoted(value), place));
    return value;
  }

  /** Returns why a manifest may not have the value. */
  private Optional<String> refusal(String field, String value) {
    ObjectNode manifest =
        JSON.createObjectNode()
            .put("name", "app")
            .put("version", NO_VERSION)
            .put("entrypoint", "main.ts")
            .put(field, value);
    byte[] bytes = JSON.writeValueAsString(manifest).getBytes(StandardCharsets.UTF_8);
    Optional<String> problem =
        reader.read(ManifestReader.FILE_NAME, bytes).problems().stream()
            .findFirst()
            .map(Problem::message)
            .map(ManifestInference::cut);
    return problem.isPresent() || !field.equals("entrypoint") ? problem : fileRefusal(value);
  }

  /**
   * @param path inside the folder
   */
  private Optional<String> fileRefusal(String path) {
    if (NpmProgram.isMeantBy(path)) {
      return Optional.of("write the name of a package into dropapp.json");
    }
    try {
      Path file = folder.resolve(path);
      if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        return Optional.of("no such file");
      }
      Path expected = folder.toRealPath().resolve(path);
      return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
              && file.toRealPath().equals(expected)
          ? Optional.empty()
          : Optional.of("not a regular file, or in a linked folder");
    } catch (IOException | InvalidPathException e) {
      return Optional.of("it cannot be read: " + cut(String.valueOf(e.getMessage())));
    }
  }

  private static String quoted(String text) {
    return '"' + cut(text) + '"';
  }

  private static String cut(String text) {
    return VisibleText.line(text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text);
  }
}
