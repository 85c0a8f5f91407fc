package io.dropserver.cli.repository;

import io.dropserver.cli.command.CommandGroup;
import io.dropserver.cli.command.Context;
import io.dropserver.schema.document.SchemaExport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "schema",
    description = "The JSON Schemas of the YAML, for editors.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Example:", "  dropserver schema export .schemas"})
final class SchemaCommand extends CommandGroup {
  private final Context context;

  SchemaCommand(Context context) {
    this.context = context;
  }

  @Command(
      name = "export",
      description = "Write one JSON Schema per kind into a folder.",
      footer = {
        "",
        "An editor with a YAML language server completes and checks a file if its first line names"
            + " a schema:",
        "  # yaml-language-server: $schema=../.schemas/appspace.schema.json",
        "",
        "Example:",
        "  dropserver schema export .schemas"
      })
  void export(
      @Parameters(
              paramLabel = "DIR",
              description = "The folder to write to; created if it does not exist.")
          Path folder)
      throws IOException {
    List<Path> written = SchemaExport.writeTo(folder);
    written.forEach(file -> context.terminal().out().println(file));
  }
}
