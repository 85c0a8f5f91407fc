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
      "Exit codes: 0 done or no difference, 1 error, 2 there is a difference or something waits.",
      "",
      "Example: a served instance, and what to open and to edit next",
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
      description = "Show where an error came from (a stack trace).")
  boolean verbose;
}
