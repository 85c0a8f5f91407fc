package io.dropserver.reconciler.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The JSON output of commands: keys are the names of record components, and absent values are left
 * out.
 */
final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .changeDefaultPropertyInclusion(
              inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_ABSENT))
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private Json() {}

  static void print(Terminal terminal, Object value) {
    terminal.out().println(MAPPER.writeValueAsString(value));
  }

  /** One value per line, for endless output. */
  static void printLine(Terminal terminal, Object value) {
    terminal
        .out()
        .println(
            MAPPER.writer().without(SerializationFeature.INDENT_OUTPUT).writeValueAsString(value));
  }
}
