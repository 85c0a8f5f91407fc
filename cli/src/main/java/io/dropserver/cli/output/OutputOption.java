package io.dropserver.cli.output;

import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import picocli.CommandLine.Option;

/** {@code -o}: the output format. */
public final class OutputOption {

  @Option(
      names = {"-o", "--output"},
      paramLabel = "table|wide|json|yaml",
      defaultValue = "table",
      description =
          "Output format (default: ${DEFAULT-VALUE}); only `get` has more columns with wide.")
  Format format = Format.table;

  /** Whether the output is for programs, so that it contains all data. */
  public boolean structured() {
    return format == Format.json || format == Format.yaml;
  }

  public boolean wide() {
    return format == Format.wide;
  }

  /**
   * Prints a value as JSON or YAML, or as text.
   *
   * @return the exit code of the command
   */
  public int print(Terminal terminal, Object value, Runnable text) {
    switch (format) {
      case json -> Json.print(terminal, value);
      case yaml -> Yaml.print(terminal, value);
      case table, wide -> text.run();
    }
    return ExitCode.OK;
  }

  /** Prints one value of a stream: as one line of JSON, as one document of YAML, or as text. */
  public void printNext(Terminal terminal, Object value, Runnable text) {
    switch (format) {
      case json -> Json.printLine(terminal, value);
      case yaml -> Yaml.printNext(terminal, value);
      case table, wide -> text.run();
    }
  }

  /**
   * Prints the values as an array under a key, or as the rows of a table.
   *
   * @param addRow adds the row of one value
   * @return the exit code of the command
   */
  public <T> int print(
      Terminal terminal, String key, List<T> values, Table table, BiConsumer<Table, T> addRow) {
    values.forEach(value -> addRow.accept(table, value));
    return print(terminal, Map.of(key, values), () -> table.print(terminal));
  }

  /** Lower case, because these are the values on the command line. */
  enum Format {
    table,
    wide,
    json,
    yaml
  }
}
