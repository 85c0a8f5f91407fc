package io.dropserver.reconciler.cli;

import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import picocli.CommandLine.Option;

/** {@code -o}: the output format. */
final class OutputOption {

  @Option(
      names = {"-o", "--output"},
      paramLabel = "table|json",
      defaultValue = "table",
      description = "Output format (default: ${DEFAULT-VALUE}).")
  Format format = Format.table;

  boolean json() {
    return format == Format.json;
  }

  /**
   * Prints a value as JSON, or as text.
   *
   * @return the exit code of the command
   */
  int print(Terminal terminal, Object value, Runnable text) {
    if (json()) {
      Json.print(terminal, value);
    } else {
      text.run();
    }
    return ExitCode.OK;
  }

  /**
   * Prints the values as a JSON array under a key, or as the rows of a table.
   *
   * @param addRow adds the row of one value
   * @return the exit code of the command
   */
  <T> int print(
      Terminal terminal, String key, List<T> values, Table table, BiConsumer<Table, T> addRow) {
    values.forEach(value -> addRow.accept(table, value));
    return print(terminal, Map.of(key, values), () -> table.print(terminal));
  }

  /** Lower case, because these are the values on the command line. */
  enum Format {
    table,
    json
  }
}
