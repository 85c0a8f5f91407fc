package io.dropserver.reconciler.cli;

import io.dropserver.schema.status.LogLine;
import io.dropserver.schema.text.VisibleText;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "logs",
    description = "Show the output of an appspace's app.",
    footer = {
      "",
      "Example: stored lines, then new lines as well",
      "  dropserver logs notes",
      "  dropserver logs notes -f",
      "  dropserver logs notes -o json | jq -r .text"
    })
final class LogsCommand implements Callable<Integer> {
  private final Context context;
  @Mixin StateOption state = new StateOption();
  @Mixin OutputOption output = new OutputOption();

  @Parameters(paramLabel = "APPSPACE", description = "Name of the appspace.")
  @SuppressWarnings("NullAway.Init") // required by picocli
  String appspace;

  @Option(
      names = {"-f", "--follow"},
      description = "Follow new lines until interrupted.")
  boolean follow;

  LogsCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    context.server(state).view().logs(appspace, follow, this::print);
    return ExitCode.OK;
  }

  private void print(LogLine line) {
    Terminal terminal = context.terminal();
    if (output.json()) {
      Json.printLine(terminal, line);
      return;
    }
    String text = VisibleText.lines(line.text());
    terminal
        .out()
        .println(
            terminal.paint(Terminal.Colour.FAINT, TimeText.local(line.time()))
                + "  "
                + (line.stream().equals("stderr")
                    ? terminal.paint(Terminal.Colour.YELLOW, text)
                    : text));
  }
}
