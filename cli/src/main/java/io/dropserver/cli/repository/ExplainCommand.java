package io.dropserver.cli.repository;

import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.KindName;
import io.dropserver.cli.output.CommandException;
import io.dropserver.cli.output.OutputOption;
import io.dropserver.cli.output.Table;
import io.dropserver.cli.output.Table.Cell;
import io.dropserver.schema.document.SchemaExport;
import io.dropserver.schema.instance.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Command(
    name = "explain",
    description = "Explain a kind of the YAML, or one of its fields.",
    footer = {
      "",
      "Example:",
      "  dropserver explain appspace",
      "  dropserver explain appspace.spec.limits.memory",
      "  dropserver explain host-configuration.backup"
    })
final class ExplainCommand implements Callable<Integer> {
  private static final JsonMapper JSON = JsonMapper.shared();

  /** Schemas of files that are not objects of a repository. */
  private static final List<String> FILES = List.of("host-configuration", "dropapp");

  private final Context context;
  @Mixin OutputOption output = new OutputOption();

  @Parameters(
      paramLabel = "KIND[.FIELD…]",
      description =
          "A kind, host-configuration or dropapp, and the path of a field. spec may be left out.")
  @SuppressWarnings("NullAway.Init") // required by picocli
  String path;

  ExplainCommand(Context context) {
    this.context = context;
  }

  /**
   * @param type such as {@code string} or {@code array of object}
   * @param values the permitted values; empty if any are
   * @param fields the fields below, with their descriptions
   */
  record Explanation(
      String path,
      String type,
      String description,
      List<String> values,
      List<String> required,
      Map<String, String> fields) {}

  /**
   * A place in the schemas.
   *
   * @param file the file of the schema, to which references without a file belong
   * @param description of the place that refers to the node, if it has one
   */
  private record Place(String file, JsonNode node, Optional<String> description) {

    static Place of(String file, JsonNode node) {
      Optional<String> description = node.path("description").stringValueOpt();
      String reference = node.path("$ref").asString("");
      if (reference.isEmpty()) {
        return new Place(file, node, description);
      }
      int hash = reference.indexOf('#');
      String target = hash == 0 ? file : reference.substring(0, hash);
      Place found = of(target, schema(target).at(reference.substring(hash + 1)));
      return new Place(found.file, found.node, description.or(() -> found.description));
    }

    /** Returns the element of an array, of any depth. */
    Place element() {
      return node.has("items") ? of(file, node.path("items")).element() : this;
    }

    Optional<Place> field(String name) {
      JsonNode fields = element().node.path("properties");
      return fields.has(name)
          ? Optional.of(of(element().file, fields.path(name)))
          : Optional.empty();
    }

    Map<String, Place> fields() {
      Map<String, Place> fields = new LinkedHashMap<>();
      element()
          .node
          .path("properties")
          .properties()
          .forEach(each -> fields.put(each.getKey(), of(element().file, each.getValue())));
      return fields;
    }

    String type() {
      if (node.has("items")) {
        return "array of " + of(file, node.path("items")).type();
      }
      JsonNode type = node.path("type");
      return type.isArray() ? String.join(" or ", texts(type)) : type.asString("string");
    }
  }

  @Override
  public Integer call() {
    List<String> words = Arrays.asList(path.split("\\.", -1));
    Place place = root(words.getFirst());
    List<String> passed = new ArrayList<>(List.of(word(words.getFirst())));
    for (String word : words.subList(1, words.size())) {
      Place spec = place.field("spec").orElse(place);
      if (place.field(word).isEmpty() && spec.field(word).isPresent()) {
        passed.add("spec");
        place = spec;
      }
      place = next(place, word, passed);
      passed.add(word);
    }
    Explanation explanation = explanation(String.join(".", passed), place);
    return output.print(context.terminal(), explanation, () -> print(explanation));
  }

  private static Place next(Place place, String word, List<String> passed) {
    return place
        .field(word)
        .orElseThrow(
            () ->
                new CommandException(
                    String.join(".", passed) + " has no field " + word,
                    place.fields().isEmpty()
                        ? "it has no fields"
                        : "its fields are: " + String.join(", ", place.fields().keySet())));
  }

  private static Place root(String word) {
    String file = word(word) + ".schema.json";
    return Place.of(file, schema(file));
  }

  private static String word(String typed) {
    return FILES.contains(typed) ? typed : kind(typed).text().toLowerCase(Locale.ROOT);
  }

  private static Kind kind(String typed) {
    return KindName.find(typed)
        .orElseThrow(
            () ->
                new CommandException(
                    "unknown kind " + typed,
                    "use one of: " + KindName.list() + ", " + String.join(", ", FILES)));
  }

  private static JsonNode schema(String file) {
    return JSON.readTree(SchemaExport.text(file));
  }

  private static Explanation explanation(String path, Place place) {
    Map<String, String> fields = new LinkedHashMap<>();
    place.fields().forEach((name, field) -> fields.put(name, field.description().orElse("")));
    return new Explanation(
        path,
        place.type(),
        place.description().orElse(""),
        texts(place.node().path("enum")),
        texts(place.element().node().path("required")),
        fields);
  }

  private static List<String> texts(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asString).toList();
  }

  private void print(Explanation explanation) {
    context.print(explanation.path() + "  <" + explanation.type() + ">");
    context.print(explanation.description());
    if (!explanation.values().isEmpty()) {
      context.print("One of: " + String.join(", ", explanation.values()));
    }
    if (explanation.fields().isEmpty()) {
      return;
    }
    context.print("");
    Table table = new Table("FIELD", "REQUIRED", "DESCRIPTION");
    explanation
        .fields()
        .forEach(
            (name, description) ->
                table.row(
                    Cell.of(name),
                    Cell.of(explanation.required().contains(name) ? "yes" : ""),
                    Cell.of(description)));
    table.print(context.terminal());
  }
}
