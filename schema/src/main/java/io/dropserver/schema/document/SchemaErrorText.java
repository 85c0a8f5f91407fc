package io.dropserver.schema.document;

import com.networknt.schema.Error;
import com.networknt.schema.path.NodePath;
import io.dropserver.schema.document.Node.Mapping;
import io.dropserver.schema.document.Node.Scalar;
import io.dropserver.schema.document.Node.ScalarType;
import io.dropserver.schema.document.Node.Sequence;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.Problem;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Describes one schema violation in plain words, at the offending value.
 *
 * @param schemaObject the schema object that contains the violated keyword
 * @param root the root of the document
 */
record SchemaErrorText(Error error, JsonNode schemaObject, Node root) {

  /** A value on the path to the error, and the key under which it was found. */
  private record LocatedValue(Node value, Location keyLocation, String name) {}

  Problem problem() {
    LocatedValue locatedValue = find();
    return switch (error.getKeyword()) {
      case "required" -> missing(locatedValue);
      case "additionalProperties" -> unknownKey(locatedValue);
      case "propertyNames" -> invalidKey(locatedValue);
      case "enum" -> wrongWord(locatedValue);
      case "type" -> wrongType(locatedValue);
      case "oneOf" ->
          Problem.at(
              locatedValue.value().location(),
              schemaObject.path("errorMessage").asString("not valid"));
      default -> otherProblem(locatedValue);
    };
  }

  private LocatedValue find() {
    NodePath path = error.getInstanceLocation();
    LocatedValue locatedValue = new LocatedValue(root, root.location(), "the document");
    for (int i = 0; i < path.getNameCount(); i++) {
      locatedValue = step(locatedValue, String.valueOf(path.getElement(i)));
    }
    return locatedValue;
  }

  private static LocatedValue step(LocatedValue from, String element) {
    return switch (from.value()) {
      case Mapping mapping ->
          mapping
              .entry(element)
              .map(e -> new LocatedValue(e.value(), e.location(), e.key()))
              .orElse(from);
      case Sequence sequence -> {
        Node item = sequence.items().get(Integer.parseInt(element));
        yield new LocatedValue(item, item.location(), "an entry of " + from.name());
      }
      case Scalar _ -> from;
    };
  }

  private Problem missing(LocatedValue locatedValue) {
    String key = String.valueOf(error.getProperty());
    String about = schemaObject.path("properties").path(key).path("description").asString("");
    String message = locatedValue.name() + " lacks " + Quoting.quote(key);
    Location parent = locatedValue.keyLocation();
    return about.isEmpty()
        ? Problem.at(parent, message)
        : Problem.at(parent, message, firstSentence(about));
  }

  private Problem unknownKey(LocatedValue locatedValue) {
    String key = String.valueOf(error.getProperty());
    List<String> known = List.copyOf(schemaObject.path("properties").propertyNames());
    return new Problem(
        locationOf(key, locatedValue),
        "unknown key " + Quoting.quote(key),
        SpellingSuggestion.hint(key, known));
  }

  private Problem invalidKey(LocatedValue locatedValue) {
    String key = String.valueOf(error.getProperty());
    return Problem.at(
        locationOf(key, locatedValue),
        Quoting.quote(key) + " is not a valid key of " + locatedValue.name(),
        schemaObject.path("propertyNames").path("patternErrorMessage").asString(""));
  }

  private static Location locationOf(String key, LocatedValue locatedValue) {
    return locatedValue.value() instanceof Mapping mapping
        ? mapping.entry(key).map(Node.MappingEntry::location).orElse(mapping.location())
        : locatedValue.value().location();
  }

  private Problem wrongWord(LocatedValue locatedValue) {
    List<String> words = schemaObject.path("enum").valueStream().map(JsonNode::asString).toList();
    if (!(locatedValue.value() instanceof Scalar scalar) || scalar.type() == ScalarType.NULL) {
      String message =
          locatedValue.name()
              + " is "
              + locatedValue.value().typeName()
              + "; it must be "
              + oneOf(words);
      return Problem.at(locatedValue.value().location(), message);
    }
    String message =
        Quoting.quote(scalar.text())
            + " is not a valid "
            + bare(locatedValue.name())
            + "; it must be "
            + oneOf(words);
    return new Problem(
        scalar.location(), message, SpellingSuggestion.nearest(scalar.text(), words));
  }

  private static String bare(String name) {
    return name.startsWith("an ") ? name.substring(3) : name;
  }

  private static String oneOf(List<String> words) {
    return words.size() == 1 ? words.getFirst() : "one of " + String.join(", ", words);
  }

  private Problem wrongType(LocatedValue locatedValue) {
    List<String> wanted =
        schemaObject.path("type").isArray()
            ? schemaObject.path("type").valueStream().map(JsonNode::asString).toList()
            : List.of(schemaObject.path("type").asString());
    String message =
        locatedValue.name()
            + " must be "
            + typeNames(wanted)
            + ", but it is "
            + locatedValue.value().typeName();
    return new Problem(
        locatedValue.value().location(), message, typeHint(wanted, locatedValue.value()));
  }

  private Optional<String> typeHint(List<String> wanted, Node value) {
    if (!(value instanceof Scalar scalar)) {
      return Optional.empty();
    }
    if (scalar.type() == ScalarType.NULL) {
      return Optional.of("write a value, or remove the key");
    }
    if (isConfidential()) {
      return Optional.of(schemaObject.path("patternErrorMessage").asString(""));
    }
    if (wanted.contains("string") && scalar.type() != ScalarType.TEXT) {
      String pattern = schemaObject.path("pattern").asString("");
      return Optional.of(
          Pattern.compile(pattern).matcher(scalar.text()).find()
              ? "put it in quotes: \"" + scalar.text() + "\""
              : schemaObject.path("patternErrorMessage").asString(""));
    }
    if (wanted.contains("boolean")) {
      return Optional.of("write true or false, without quotes");
    }
    boolean number = wanted.contains("integer") || wanted.contains("number");
    return number && ScalarTypes.ofPlain(scalar.text()) == ScalarType.INTEGER
        ? Optional.of("remove the quotes")
        : Optional.empty();
  }

  private static String typeNames(List<String> types) {
    return String.join(
        " or ",
        types.stream()
            .filter(t -> !t.equals("null"))
            .map(
                t ->
                    switch (t) {
                      case "string" -> "text";
                      case "integer" -> "a whole number";
                      case "number" -> "a number";
                      case "boolean" -> "true or false";
                      case "array" -> "a list";
                      case "object" -> "a mapping";
                      default -> t;
                    })
            .toList());
  }

  private Problem otherProblem(LocatedValue locatedValue) {
    Location location = locatedValue.value().location();
    String name = locatedValue.name();
    JsonNode limit = schemaObject.path(error.getKeyword());
    return switch (error.getKeyword()) {
      case "pattern" ->
          new Problem(
              location,
              quotedValue(locatedValue.value()) + " is not a valid " + name,
              Optional.of(schemaObject.path("patternErrorMessage").asString(""))
                  .filter(text -> !text.isEmpty()));
      case "minimum" -> Problem.at(location, name + " must be at least " + limit.asString());
      case "maximum" -> Problem.at(location, name + " must be at most " + limit.asString());
      case "minLength" -> Problem.at(location, name + " must not be empty");
      case "maxLength" ->
          Problem.at(location, name + " must have at most " + limit.asString() + " characters");
      case "minItems" -> Problem.at(location, name + " must have at least one entry");
      case "maxItems", "maxProperties" ->
          Problem.at(location, name + " must have at most " + limit.asString() + " entries");
      case "uniqueItems" -> Problem.at(location, name + " has an entry twice", "remove one");
      default -> Problem.at(location, name + ": " + error.getMessage());
    };
  }

  /** Returns whether the value may be a secret, which must not be repeated. */
  private boolean isConfidential() {
    return schemaObject.path("writeOnly").asBoolean(false);
  }

  private String quotedValue(Node value) {
    if (isConfidential()) {
      return "this value";
    }
    return value instanceof Scalar scalar ? Quoting.quote(scalar.text()) : value.typeName();
  }

  private static String firstSentence(String text) {
    int end = text.indexOf(". ");
    String first = end < 0 ? text : text.substring(0, end);
    return first.endsWith(".") ? first.substring(0, first.length() - 1) : first;
  }
}
