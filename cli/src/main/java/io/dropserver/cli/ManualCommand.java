package io.dropserver.cli;

import io.dropserver.cli.command.Context;
import io.dropserver.cli.output.ExitCode;
import java.util.LinkedHashSet;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints the manual page that the Debian package installs: the help of every command, as roff. */
@Command(
    name = "manual",
    hidden = true,
    description = "Print the manual page, as roff.",
    footer = {"", "Example:", "  dropserver manual | man -l -"})
final class ManualCommand implements Callable<Integer> {
  private final Context context;

  @Spec private CommandSpec spec = CommandSpec.create();

  ManualCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    CommandLine root = spec.root().commandLine();
    StringBuilder page = new StringBuilder();
    page.append(".TH DROPSERVER 1 \"\" dropserver \"User commands\"\n");
    page.append(".SH NAME\ndropserver \\- a personal app host that follows a Git repository\n");
    page.append(".SH SYNOPSIS\n");
    appendHelp(page, root);
    page.append(".SH COMMANDS\n");
    appendCommands(page, root);
    page.append(".SH FILES\n/usr/lib/dropserver/docs contains the documentation.\n");
    context.terminal().out().print(page);
    return ExitCode.OK;
  }

  private static void appendCommands(StringBuilder page, CommandLine parent) {
    // A command is in the map once for each of its names.
    for (CommandLine command : new LinkedHashSet<>(parent.getSubcommands().values())) {
      if (command.getCommandSpec().usageMessage().hidden()) {
        continue;
      }
      page.append(".SS \"").append(command.getCommandSpec().qualifiedName()).append("\"\n");
      appendHelp(page, command);
      appendCommands(page, command);
    }
  }

  /** Appends text that is shown as it is. */
  private static void appendHelp(StringBuilder page, CommandLine command) {
    page.append(".nf\n");
    command
        .getUsageMessage(Ansi.OFF)
        .lines()
        .map(line -> line.replace("\\", "\\e").replace("-", "\\-"))
        .map(line -> line.startsWith(".") || line.startsWith("'") ? "\\&" + line : line)
        .forEach(line -> page.append(line).append('\n'));
    page.append(".fi\n");
  }
}
