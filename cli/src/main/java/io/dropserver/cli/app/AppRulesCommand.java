package io.dropserver.cli.app;

import io.dropserver.cli.command.Context;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.sandbox.app.AppRules;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
    name = "rules",
    description =
        "Print in one page what an app may do, for people in a hurry and language models.",
    footer = {
      "",
      "A server serves the same page at /llms.txt.",
      "",
      "Example:",
      "  dropserver app rules >RULES.md"
    })
final class AppRulesCommand implements Callable<Integer> {
  private final Context context;

  AppRulesCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    context.printLines(AppRules.text().stripTrailing());
    return ExitCode.OK;
  }
}
