package io.dropserver.web.hook;

import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.json.JsonFactory;

/**
 * The required values of a delivery's JSON. They are extracted while the body is streamed, before
 * its signature is verified. To limit memory, all other values are skipped.
 *
 * @param values strings, numbers and booleans as text, by their dotted path
 */
record Payload(Map<String, String> values) {
  private static final Set<String> OBJECTS =
      Set.of(
          "pull_request",
          "pull_request.head",
          "pull_request.head.repo",
          "pull_request.base",
          "pull_request.base.repo",
          "object_attributes",
          "object_attributes.last_commit");

  private static final Map<String, Set<JsonToken>> KINDS =
      Map.ofEntries(
          Map.entry("ref", Set.of(JsonToken.VALUE_STRING)),
          Map.entry("action", Set.of(JsonToken.VALUE_STRING)),
          Map.entry("pull_request.number", Set.of(JsonToken.VALUE_NUMBER_INT)),
          Map.entry("pull_request.merged", Set.of(JsonToken.VALUE_TRUE, JsonToken.VALUE_FALSE)),
          Map.entry("pull_request.head.ref", Set.of(JsonToken.VALUE_STRING)),
          Map.entry("pull_request.head.sha", Set.of(JsonToken.VALUE_STRING)),
          Map.entry("pull_request.head.repo.id", Set.of(JsonToken.VALUE_NUMBER_INT)),
          Map.entry("pull_request.base.repo.id", Set.of(JsonToken.VALUE_NUMBER_INT)),
          Map.entry("object_attributes.iid", Set.of(JsonToken.VALUE_NUMBER_INT)),
          Map.entry("object_attributes.action", Set.of(JsonToken.VALUE_STRING)),
          Map.entry("object_attributes.source_branch", Set.of(JsonToken.VALUE_STRING)),
          Map.entry("object_attributes.last_commit.id", Set.of(JsonToken.VALUE_STRING)),
          Map.entry("object_attributes.source_project_id", Set.of(JsonToken.VALUE_NUMBER_INT)),
          Map.entry("object_attributes.target_project_id", Set.of(JsonToken.VALUE_NUMBER_INT)));

  /**
   * The maximum length of an extracted value in characters. Forges allow no longer branch names.
   */
  private static final int MAX_STRING_LENGTH = 4_096;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(
                      MAX_STRING_LENGTH) // of the extracted values; others are skipped unread
                  .maxNameLength(MAX_STRING_LENGTH)
                  .maxNestingDepth(100)
                  .build())
          .disable(StreamReadFeature.AUTO_CLOSE_SOURCE) // the signature also covers the rest
          .build();

  Payload {
    values = Map.copyOf(values);
  }

  /**
   * Reads the first JSON object of a stream. Does not read the stream to its end.
   *
   * @throws IllegalArgumentException when the stream does not begin with a valid JSON object
   */
  static Payload read(InputStream json) throws IOException {
    Map<String, String> values = new HashMap<>();
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("the body is not a JSON object");
      }
      object(parser, "", values);
      return new Payload(values);
    } catch (JacksonIOException e) {
      throw e.getCause();
    } catch (JacksonException e) {
      throw new IllegalArgumentException("the body is not JSON", e);
    }
  }

  private static void object(JsonParser parser, String prefix, Map<String, String> values) {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String path = prefix + parser.currentName();
      JsonToken value = parser.nextToken();
      if (value == JsonToken.START_OBJECT && OBJECTS.contains(path)) {
        object(parser, path + ".", values);
      } else if (KINDS.getOrDefault(path, Set.of()).contains(value)) {
        values.put(path, parser.getString());
      } else {
        parser.skipChildren();
      }
    }
  }

  Optional<String> find(String path) {
    return Optional.ofNullable(values.get(path));
  }

  /** Returns the value, or the empty string when it is absent. */
  String get(String path) {
    return values.getOrDefault(path, "");
  }

  /** Returns a positive number of at most 18 digits; 0 when it is absent or another value. */
  long number(String path) {
    String text = get(path);
    return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 0;
  }

  /** Returns whether both values are present and equal. */
  boolean equalValues(String path, String other) {
    return find(path).filter(value -> value.equals(get(other))).isPresent();
  }
}
