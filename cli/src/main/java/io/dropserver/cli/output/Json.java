package io.dropserver.cli.output;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.dropserver.base.text.JsonText;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Prints the JSON output of commands. Keys are the names of record components; absent values and
 * unknown times are omitted.
 */
public final class Json {
  private static final JsonMapper MAPPER =
      JsonText.MAPPER
          .rebuild()
          .withConfigOverride(
              Instant.class,
              override ->
                  override.setInclude(
                      JsonInclude.Value.construct(
                          JsonInclude.Include.CUSTOM,
                          JsonInclude.Include.ALWAYS,
                          Unknown.class,
                          null)))
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private Json() {}

  /** Equals the times that are unknown, which Jackson therefore omits. */
  static final class Unknown {
    @Override
    public boolean equals(@Nullable Object value) {
      return Instant.EPOCH.equals(value);
    }

    @Override
    public int hashCode() {
      return 0;
    }
  }

  /** Returns a value as maps, lists, texts and numbers. */
  static Object plain(Object value) {
    return MAPPER.readValue(MAPPER.writeValueAsString(value), Object.class);
  }

  static void print(Terminal terminal, Object value) {
    terminal.out().println(MAPPER.writeValueAsString(value));
  }

  /** Prints one value on one line, for streams. */
  public static void printLine(Terminal terminal, Object value) {
    terminal
        .out()
        .println(
            MAPPER.writer().without(SerializationFeature.INDENT_OUTPUT).writeValueAsString(value));
  }
}
