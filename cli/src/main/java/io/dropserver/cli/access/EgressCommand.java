package io.dropserver.cli.access;

import io.dropserver.base.text.Sizes;
import io.dropserver.base.text.VisibleText;
import io.dropserver.cli.command.CommandGroup;
import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.NameOf;
import io.dropserver.cli.command.StateOption;
import io.dropserver.cli.output.OutputOption;
import io.dropserver.cli.output.Table;
import io.dropserver.cli.output.Table.Cell;
import io.dropserver.control.EgressLine;
import io.dropserver.control.EgressUse;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "egress",
    description = "Requests of appspaces to the outside.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Example:", "  dropserver egress log garden -f"})
final class EgressCommand extends CommandGroup {
  private final Context context;

  EgressCommand(Context context) {
    this.context = context;
  }

  @Command(
      name = "log",
      description = {
        "Show the latest requests of an appspace's app, with the decision about each.",
        "Only this command shows paths; requests for approval do not contain them. Queries are"
            + " never stored."
      },
      footer = {
        "",
        "Example:",
        "  dropserver egress log garden",
        "  dropserver egress log garden -o json | jq -r 'select(.decision != \"allowed\") | .url'"
      })
  void log(
      @Mixin StateOption state,
      @Mixin OutputOption output,
      @Parameters(
              paramLabel = "APPSPACE",
              converter = NameOf.AnAppspace.class,
              description = "Name of the appspace.")
          String appspace,
      @Option(
              names = {"-f", "--follow"},
              description = "Follow new lines until interrupted.")
          boolean follow)
      throws IOException {
    context.server(state).view().egressLog(appspace, follow, line -> print(line, output));
  }

  private void print(EgressLine line, OutputOption output) {
    output.printNext(context.terminal(), line, () -> print(line));
  }

  private void print(EgressLine line) {
    boolean allowed = line.decision().equals("allowed");
    String note = allowed || line.note().isEmpty() ? "" : " (" + line.note() + ")";
    String text =
        "%-9s %-7s %3s  %s"
            .formatted(
                line.decision() + note,
                line.method(),
                line.status() == 0 ? "-" : line.status(),
                line.url());
    context.terminal().printLine(line.time(), VisibleText.line(text), !allowed);
  }

  @Command(
      name = "list",
      description = "List the egress of each appspace since the server started.",
      footer = {"", "Example:", "  dropserver egress list"})
  int list(@Mixin StateOption state, @Mixin OutputOption output) {
    List<EgressUse> all = context.server(state).view().egressUse();
    return output.print(
        context.terminal(),
        "egress",
        all,
        new Table("APPSPACE", "OPEN", "REQUESTS", "REFUSED", "SENT", "RECEIVED"),
        (table, use) ->
            table.row(
                Cell.of(use.appspace()),
                Cell.of(Integer.toString(use.connections())),
                Cell.of(Long.toString(use.requests())),
                Cell.of(Long.toString(use.refused())),
                Cell.of(Sizes.text(use.sentBytes())),
                Cell.of(Sizes.text(use.receivedBytes()))));
  }
}
