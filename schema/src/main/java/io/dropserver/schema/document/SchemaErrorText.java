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
 * @param place the schema object that contains the violated keyword
 * @param root the root of the document
 */
record SchemaErrorText(Error error, JsonNode place, Node root) {

  /** A value on the path to the error, and the key under which it was found. */
  private record Found(Node value, Location keyLocation, String name) {}

  Problem problem() {
    Found found = find();
    return switch (error.getKeyword()) {
      case "required" -> missing(found);
      case "additionalProperties" -> unknownKey(found);
      case "enum" -> wrongWord(found);
      case "type" -> wrongType(found);
      case "oneOf" ->
          Problem.at(found.value().location(), place.path("errorMessage").asString("not valid"));
      default -> other(found);
    };
  }

  private Found find() {
    NodePath path = error.getInstanceLocation();
    Found found = new Found(root, root.location(), "the document");
    for (int i = 0; i < path.getNameCount(); i++) {
      found = step(found, String.valueOf(path.getElement(i)));
    }
    return found;
  }

  private static Found step(Found from, String element) {
    return switch (from.value()) {
      case Mapping mapping ->
          mapping.entry(element).map(e -> new Found(e.value(), e.location(), e.key())).orElse(from);
      case Sequence sequence -> {
        Node item = sequence.items().get(Integer.parseInt(element));
        yield new Found(item, item.location(), "an entry of " + from.name());
      }
      case Scalar _ -> from;
    };
  }

  private Problem missing(Found found) {
    String key = String.valueOf(error.getProperty());
    String about = place.path("properties").path(key).path("description").asString("");
    String message = found.name() + " lacks " + Quoting.quote(key);
    Location parent = found.keyLocation();
    return about.isEmpty()
        ? Problem.at(parent, message)
        : Problem.at(parent, message, firstSentence(about));
  }

  private Problem unknownKey(Found found) {
    String key = String.valueOf(error.getProperty());
    Location location =
        found.value() instanceof Mapping mapping
            ? mapping.entry(key).map(Node.Entry::location).orElse(mapping.location())
            : found.value().location();
    List<String> known = List.copyOf(place.path("properties").propertyNames());
    return withHint(location, "unknown key " + Quoting.quote(key), DidYouMean.hint(key, known));
  }

  private Problem wrongWord(Found found) {
    List<String> words = place.path("enum").valueStream().map(JsonNode::asString).toList();
    if (!(found.value() instanceof Scalar scalar) || scalar.type() == ScalarType.NULL) {
      String message =
          found.name() + " is " + found.value().noun() + "; it must be " + oneOf(words);
      return Problem.at(found.value().location(), message);
    }
    String message =
        Quoting.quote(scalar.text())
            + " is no "
            + bare(found.name())
            + "; it must be "
            + oneOf(words);
    return withHint(
        scalar.location(),
        message,
        DidYouMean.nearest(scalar.text(), words).map(w -> "did you mean " + w + "?"));
  }

  private static String bare(String name) {
    return name.startsWith("an ") ? name.substring(3) : name;
  }

  private static String oneOf(List<String> words) {
    return words.size() == 1 ? words.getFirst() : "one of " + String.join(", ", words);
  }

  private Problem wrongType(Found found) {
    List<String> wanted =
        place.path("type").isArray()
            ? place.path("type").valueStream().map(JsonNode::asString).toList()
            : List.of(place.path("type").asString());
    String message =
        found.name() + " must be " + noun(wanted) + ", but it is " + found.value().noun();
    return withHint(found.value().location(), message, typeHint(wanted, found.value()));
  }

  private Optional<String> typeHint(List<String> wanted, Node value) {
    if (!(value instanceof Scalar scalar)) {
      return Optional.empty();
    }
    if (scalar.type() == ScalarType.NULL) {
      return Optional.of("write a value, or remove the key");
    }
    if (wanted.contains("string") && scalar.type() != ScalarType.TEXT) {
      String pattern = place.path("pattern").asString("");
      return Optional.of(
          Pattern.compile(pattern).matcher(scalar.text()).find()
              ? "put it in quotes: \"" + scalar.text() + "\""
              : place.path("patternErrorMessage").asString(""));
    }
    if (wanted.contains("boolean")) {
      return Optional.of("write true or false, without quotes");
    }
    boolean number = wanted.contains("integer") || wanted.contains("number");
    return number && ScalarTypes.ofPlain(scalar.text()) == ScalarType.INTEGER
        ? Optional.of("remove the quotes")
        : Optional.empty();
  }

  private static String noun(List<String> types) {
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

  private Problem other(Found found) {
    Location location = found.value().location();
    String name = found.name();
    JsonNode limit = place.path(error.getKeyword());
    return switch (error.getKeyword()) {
      case "pattern" ->
          withHint(
              location,
              shown(found.value()) + " is not a valid " + name,
              Optional.of(place.path("patternErrorMessage").asString(""))
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

  private static String shown(Node value) {
    return value instanceof Scalar scalar ? Quoting.quote(scalar.text()) : value.noun();
  }

  private static String firstSentence(String text) {
    int end = text.indexOf(". ");
    String first = end < 0 ? text : text.substring(0, end);
    return first.endsWith(".") ? first.substring(0, first.length() - 1) : first;
  }

  private static Problem withHint(Location location, String message, Optional<String> hint) {
    return new Problem(location, message, hint);
  }
}
