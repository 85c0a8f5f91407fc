package io.dropserver.reconciler.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Prints the JSON output of commands. Keys are the names of record components; absent values are
 * omitted.
 */
final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .changeDefaultPropertyInclusion(
              inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_ABSENT))
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private Json() {}

  /** Returns a value as maps, lists, texts and numbers. */
  static Object plain(Object value) {
    return MAPPER.readValue(MAPPER.writeValueAsString(value), Object.class);
  }

  static void print(Terminal terminal, Object value) {
    terminal.out().println(MAPPER.writeValueAsString(value));
  }

  /** Prints one value on one line, for streams. */
  static void printLine(Terminal terminal, Object value) {
    terminal
        .out()
        .println(
            MAPPER.writer().without(SerializationFeature.INDENT_OUTPUT).writeValueAsString(value));
  }
}
