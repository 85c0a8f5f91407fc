package io.dropserver.reconciler.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The root of the command tree, with the options of all commands. */
@Command(
    name = "dropserver",
    description = "A personal app host that follows a Git repository of YAML.",
    synopsisSubcommandLabel = "COMMAND",
    versionProvider = VersionCommand.Provider.class,
    footer = {
      "",
      "Exit codes: 0 done or no difference, 1 error, 2 a difference exists or a request is"
          + " waiting.",
      "",
      "Example: serve an example instance",
      "  dropserver demo"
    })
final class DropserverCommand extends CommandGroup {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help.")
  boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Print the version of this program.")
  boolean version;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Print a stack trace with each error.")
  boolean verbose;
}
