package io.dropserver.cli.app;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The texts of a {@code package.json} or {@code deno.json} that are at most two levels deep.
 *
 * @param exists whether the folder has such a file, valid or not
 * @param values by JSON pointer
 * @param failure why the file is not used
 */
record ConfigFile(boolean exists, Map<String, Value> values, Optional<String> failure) {
  private static final int MAX_BYTES = 1 << 20;
  private static final int MAX_DEPTH = 2;
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS, JsonReadFeature.ALLOW_TRAILING_COMMA)
          .build();

  /**
   * A text.
   *
   * @param place file, line and name, for messages
   */
  record Value(String text, String place) {}

  static ConfigFile read(Path folder, String name) throws IOException {
    Path file = folder.resolve(name);
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return new ConfigFile(false, Map.of(), Optional.empty());
    }
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return unused(name, "not a regular file");
    }
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    }
    if (bytes.length > MAX_BYTES) {
      return unused(name, "larger than 1 MiB");
    }
    try {
      return new ConfigFile(true, values(name, bytes), Optional.empty());
    } catch (JacksonException e) {
      // A file beyond the parser's limits has no location.
      TokenStreamLocation at = e.getLocation();
      return unused(at == null ? name : name + ":" + at.getLineNr(), "not valid JSON");
    }
  }

  private static ConfigFile unused(String place, String why) {
    return new ConfigFile(true, Map.of(), Optional.of("not used: " + place + ": " + why));
  }

  private static Map<String, Value> values(String name, byte[] bytes) {
    Map<String, Value> values = new LinkedHashMap<>();
    try (JsonParser parser = JSON.createParser(bytes)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.VALUE_STRING
            && parser.streamReadContext().getNestingDepth() <= MAX_DEPTH) {
          String pointer = parser.streamReadContext().pathAsPointer().toString();
          int line = parser.currentTokenLocation().getLineNr();
          String key = pointer.substring(pointer.isEmpty() ? 0 : 1).replace('/', '.');
          String place = "%s:%d (%s)".formatted(name, line, key);
          values.put(pointer, new Value(parser.getString(), place));
        }
      }
    }
    return values;
  }

  Optional<Value> at(String pointer) {
    return Optional.ofNullable(values.get(pointer));
  }

  /** Returns the text at a pointer, or the texts in the object at the pointer. */
  List<Value> below(String pointer) {
    return values.entrySet().stream()
        .filter(it -> it.getKey().equals(pointer) || it.getKey().startsWith(pointer + "/"))
        .map(Map.Entry::getValue)
        .toList();
  }
}
