package io.dropserver.schema.read;

import io.dropserver.schema.document.AmountType;
import io.dropserver.schema.document.DocumentParser;
import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Node;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.document.SchemaCheck;
import io.dropserver.schema.document.YamlEnums;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.DropappManifest.BrowserRequest;
import io.dropserver.schema.instance.DropappManifest.DataSchema;
import io.dropserver.schema.instance.DropappManifest.Permission;
import io.dropserver.schema.instance.DropappManifest.SuggestedEgress;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.NpmProgram;
import io.dropserver.schema.instance.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Reads {@code dropapp.json}. Thread-safe. */
public final class ManifestReader {
  public static final String FILE_NAME = "dropapp.json";

  /** The maximum number of problems that are reported, because an app may cause any number. */
  static final int MAX_PROBLEMS = 100;

  private static final String SCHEMA = "dropapp.schema.json";
  static final List<String> PATHS = List.of("icon", "changelog", "license-file", "migrate");

  private final SchemaCheck schemas;

  public ManifestReader() {
    this(new SchemaCheck(List.of("common.schema.json", SCHEMA)));
  }

  ManifestReader(SchemaCheck schemas) {
    this.schemas = schemas;
  }

  /**
   * @param manifest present if and only if there are no problems
   */
  public record ManifestResult(Optional<DropappManifest> manifest, List<Problem> problems) {}

  /**
   * @param file the file name in problem reports
   */
  public ManifestResult read(String file, byte[] bytes) {
    DocumentParser.ParsedFile parsedFile = DocumentParser.parse(file, bytes);
    List<Problem> problems = new ArrayList<>(parsedFile.problems());
    if (parsedFile.documents().size() != 1 && parsedFile.complete()) {
      problems.add(Problem.at(Location.ofFile(file), "a manifest must be one JSON object"));
    }
    if (parsedFile.documents().isEmpty()) {
      return new ManifestResult(Optional.empty(), List.copyOf(problems));
    }
    return read(parsedFile.documents().getFirst(), problems);
  }

  /**
   * Reads a manifest.
   *
   * @param earlier the problems that were found in its syntax
   */
  ManifestResult read(Node root, List<Problem> earlier) {
    List<Problem> problems = new ArrayList<>(earlier);
    DropappManifest dropappManifest =
        schemas.read(SCHEMA, root, Set.of(), problems, ManifestReader::manifest);
    problems.sort(null);
    return new ManifestResult(
        problems.isEmpty() ? Optional.of(dropappManifest) : Optional.empty(), bounded(problems));
  }

  private static List<Problem> bounded(List<Problem> problems) {
    if (problems.size() <= MAX_PROBLEMS) {
      return List.copyOf(problems);
    }
    List<Problem> shown = new ArrayList<>(problems.subList(0, MAX_PROBLEMS));
    int more = problems.size() - MAX_PROBLEMS;
    shown.add(Problem.at(shown.getLast().location(), more + " more problems follow"));
    return List.copyOf(shown);
  }

  private static DropappManifest manifest(MappingFields mappingFields) {
    PATHS.forEach(key -> checkPath(mappingFields, key));
    checkEntrypoint(mappingFields);
    var _ = AmountType.BYTES.read(mappingFields.fields("limits"), "memory", 1L << 20, 1L << 40);
    return new DropappManifest(
        mappingFields.text("name").orElse(""),
        mappingFields.text("short-description").orElse(""),
        mappingFields.text("version").orElse(""),
        mappingFields.text("entrypoint").map(RelativePaths::clean).orElse(""),
        mappingFields.text("runtime").flatMap(word -> YamlEnums.find(word, AppRuntime.class)),
        mappingFields.text("icon").map(RelativePaths::clean),
        permissions(mappingFields),
        egress(mappingFields),
        browser(mappingFields),
        mappingFields.text("migrate").map(RelativePaths::clean),
        dataSchema(mappingFields),
        LaunchFields.read(mappingFields),
        JobFields.read(mappingFields));
  }

  private static void checkEntrypoint(MappingFields mappingFields) {
    String entrypoint = mappingFields.text("entrypoint").orElse("");
    if (!NpmProgram.isMeantBy(entrypoint)) {
      checkPath(mappingFields, "entrypoint");
    } else if (NpmProgram.parse(entrypoint).isEmpty()) {
      mappingFields.problem(
          "entrypoint",
          Quoting.quote(entrypoint) + " names no program of an npm package",
          "write npm:NAME, npm:NAME@VERSION or npm:NAME@VERSION/PROGRAM, as in"
              + " npm:tiddlywiki@5.4.1");
    } else if (mappingFields.text("runtime").equals(Optional.of("fetch"))) {
      mappingFields.problem(
          "runtime",
          "a program of an npm package exports no handler",
          "write serve, or leave runtime out");
    }
  }

  private static DataSchema dataSchema(MappingFields mappingFields) {
    Set<Integer> down = new TreeSet<>();
    for (MappingFields step : mappingFields.list("migrations")) {
      if (step.text("direction").equals(Optional.of("down"))) {
        step.integer("schema").ifPresent(down::add);
      }
    }
    return new DataSchema(mappingFields.integer("schema"), down);
  }

  private static void checkPath(MappingFields mappingFields, String key) {
    Optional<String> path = mappingFields.text(key).map(RelativePaths::clean);
    if (path.isPresent() && !RelativePaths.isInside(path.get())) {
      mappingFields.problem(
          key,
          Quoting.quote(path.get()) + " is not a path inside the app's folder",
          "write it from the app's folder, without .. and without a leading /");
    }
  }

  private static List<Permission> permissions(MappingFields mappingFields) {
    List<Permission> permissions = new ArrayList<>();
    Map<String, Location> seen = new HashMap<>();
    for (MappingFields item : mappingFields.list("permissions")) {
      String name = item.text("name").orElse("");
      item.requireNew("name", "permission", "the first is on line", seen);
      permissions.add(new Permission(name, item.text("description").orElse("")));
    }
    return List.copyOf(permissions);
  }

  private static List<SuggestedEgress> egress(MappingFields mappingFields) {
    List<SuggestedEgress> egress = new ArrayList<>();
    for (MappingFields item : mappingFields.list("egress")) {
      String url = item.text("url").orElse("");
      WhitelistFields.checkUrl(item, item.location("url"), url, WhitelistFields.SCHEMES);
      List<String> methods = List.copyOf(WhitelistFields.methods(item, WhitelistFields.READING));
      egress.add(new SuggestedEgress(url, methods, item.text("reason").orElse("")));
    }
    return List.copyOf(egress);
  }

  private static List<BrowserRequest> browser(MappingFields mappingFields) {
    List<BrowserRequest> browser = new ArrayList<>();
    Map<String, Location> seen = new HashMap<>();
    for (MappingFields item : mappingFields.list("browser")) {
      item.requireNew("feature", "browser feature", "the first is on line", seen);
      browser.add(
          new BrowserRequest(item.text("feature").orElse(""), item.text("reason").orElse("")));
    }
    return List.copyOf(browser);
  }
}
