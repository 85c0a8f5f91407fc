package io.dropserver.reconciler.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "completion",
    description = "Print a script that makes bash and zsh complete commands and options.",
    footer = {
      "",
      "Example: for this shell, and for all later shells",
      "  source <(dropserver completion)",
      "  dropserver completion > ~/.local/share/bash-completion/completions/dropserver"
    })
final class CompletionCommand implements Callable<Integer> {
  private final Context context;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli before the command is called
  CommandSpec spec;

  CompletionCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    CommandLine root = spec.root().commandLine();
    context.terminal().out().print(AutoComplete.bash("dropserver", root));
    return ExitCode.OK;
  }
}
