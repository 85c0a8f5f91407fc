package io.dropserver.reconciler.cli;

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

  /** Lower case, because these are the values on the command line. */
  enum Format {
    table,
    json
  }
}
