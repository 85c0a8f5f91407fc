package io.dropserver.schema.read;

import io.dropserver.schema.document.Amounts;
import io.dropserver.schema.document.DocumentParser;
import io.dropserver.schema.document.Fields;
import io.dropserver.schema.document.Node;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.document.SchemaCheck;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.Manifest;
import io.dropserver.schema.instance.Manifest.DataSchema;
import io.dropserver.schema.instance.Manifest.Permission;
import io.dropserver.schema.instance.Manifest.SuggestedEgress;
import io.dropserver.schema.instance.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Reads {@code dropapp.json}. Thread-safe. */
public final class ManifestReader {
  public static final String FILE_NAME = "dropapp.json";

  private static final String SCHEMA = "dropapp.schema.json";
  private static final List<String> PATHS =
      List.of("entrypoint", "icon", "changelog", "license-file", "migrate");

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
  public record Result(Optional<Manifest> manifest, List<Problem> problems) {}

  /**
   * @param file the file name in problem reports
   */
  public Result read(String file, byte[] bytes) {
    DocumentParser.Parsed parsed = DocumentParser.parse(file, bytes);
    List<Problem> problems = new ArrayList<>(parsed.problems());
    if (parsed.documents().size() != 1 && parsed.complete()) {
      problems.add(Problem.at(Location.ofFile(file), "a manifest is one JSON object"));
    }
    if (parsed.documents().isEmpty()) {
      return new Result(Optional.empty(), List.copyOf(problems));
    }
    Manifest manifest = manifest(parsed.documents().getFirst(), problems);
    problems.sort(null);
    return new Result(
        problems.isEmpty() ? Optional.of(manifest) : Optional.empty(), List.copyOf(problems));
  }

  private Manifest manifest(Node root, List<Problem> problems) {
    List<Problem> own = schemas.check(SCHEMA, root);
    problems.addAll(own);
    Set<Location> said = new HashSet<>();
    own.forEach(problem -> said.add(problem.location()));
    List<Problem> finer = new ArrayList<>();
    Manifest manifest = manifest(Fields.of(root, finer));
    finer.stream().filter(p -> !said.contains(p.location())).forEach(problems::add);
    return manifest;
  }

  private static Manifest manifest(Fields fields) {
    PATHS.forEach(key -> checkPath(fields, key));
    return new Manifest(
        fields.text("name").orElse(""),
        fields.text("short-description").orElse(""),
        fields.text("version").orElse(""),
        fields.text("entrypoint").map(ManifestReader::clean).orElse(""),
        fields
            .text("runtime")
            .map(word -> Enums.of(Optional.of(word), AppRuntime.class, AppRuntime.FETCH)),
        fields.text("icon").map(ManifestReader::clean),
        fields.text("accent-color"),
        fields.text("license"),
        permissions(fields),
        egress(fields),
        Amounts.bytes(fields.fields("limits"), "memory", 1 << 20, 1L << 40),
        fields.text("migrate").map(ManifestReader::clean),
        dataSchema(fields));
  }

  private static DataSchema dataSchema(Fields fields) {
    Set<Integer> down = new TreeSet<>();
    for (Fields step : fields.list("migrations")) {
      if (step.text("direction").equals(Optional.of("down"))) {
        step.integer("schema").ifPresent(down::add);
      }
    }
    return new DataSchema(fields.integer("schema"), down);
  }

  private static String clean(String path) {
    return path.startsWith("./") ? path.substring(2) : path;
  }

  private static void checkPath(Fields fields, String key) {
    Optional<String> path = fields.text(key).map(ManifestReader::clean);
    if (path.isPresent() && !Paths.isInside(path.get())) {
      fields.problem(
          fields.location(key),
          Quoting.quote(path.get()) + " is no path inside the app's folder",
          "write it from the app's folder, without .. and without a leading /");
    }
  }

  private static List<Permission> permissions(Fields fields) {
    List<Permission> permissions = new ArrayList<>();
    Map<String, Location> seen = new HashMap<>();
    for (Fields item : fields.list("permissions")) {
      String name = item.text("name").orElse("");
      Location first = seen.putIfAbsent(name, item.location("name"));
      if (first != null) {
        item.problem(
            item.location("name"),
            "the permission " + Quoting.quote(name) + " stands twice",
            "it is already on line " + first.line());
      }
      permissions.add(new Permission(name, item.text("description").orElse("")));
    }
    return List.copyOf(permissions);
  }

  private static List<SuggestedEgress> egress(Fields fields) {
    List<SuggestedEgress> egress = new ArrayList<>();
    for (Fields item : fields.list("egress")) {
      String url = item.text("url").orElse("");
      WhitelistFields.checkUrl(item, item.location("url"), url, WhitelistFields.SCHEMES);
      List<String> methods = List.copyOf(WhitelistFields.methods(item, WhitelistFields.READING));
      egress.add(new SuggestedEgress(url, methods, item.text("reason").orElse("")));
    }
    return List.copyOf(egress);
  }
}
