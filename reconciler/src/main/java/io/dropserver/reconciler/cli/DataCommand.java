package io.dropserver.reconciler.cli;

import io.dropserver.reconciler.cli.Table.Cell;
import io.dropserver.schema.status.RetainedData;
import io.dropserver.schema.text.Sizes;
import io.dropserver.schema.text.VisibleText;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "data",
    description = "Retained data of appspaces that were removed from the repository.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "A new appspace takes over retained data automatically only if name, app and owner are the"
          + " same.",
      "",
      "Example:",
      "  dropserver data list"
    })
final class DataCommand extends CommandGroup {
  @Command(
      name = "list",
      description = "List retained data: id, former appspace, time and size.",
      footer = {"", "Example:", "  dropserver data list -o json"})
  static final class ListRetained implements Callable<Integer> {
    private final Context context;
    @Mixin StateOption state = new StateOption();
    @Mixin OutputOption output = new OutputOption();

    ListRetained(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      List<RetainedData> retained = context.server(state).view().retainedData();
      if (output.json()) {
        Json.print(context.terminal(), Map.of("data", retained));
        return ExitCode.OK;
      }
      Table table = new Table("ID", "APPSPACE", "APP", "OWNER", "RETAINED", "SIZE");
      for (RetainedData data : retained) {
        table.row(
            Cell.of(data.id()),
            Cell.of(data.appspace()),
            Cell.of(data.app()),
            Cell.of(data.owner()),
            Cell.of(TimeText.ago(data.retainedAt(), context.clock())),
            Cell.of(Sizes.text(data.sizeBytes())));
      }
      table.print(context.terminal());
      return ExitCode.OK;
    }
  }

  @Command(
      name = "adopt",
      description = "Give retained data to an appspace that has no data yet.",
      footer = {"", "Example:", "  dropserver data adopt 01JD3Q8Z notes"})
  static final class Adopt implements Callable<Integer> {
    private final Context context;
    @Mixin StateOption state = new StateOption();

    @Parameters(index = "0", paramLabel = "ID", description = "See `dropserver data list`.")
    @SuppressWarnings("NullAway.Init") // required by picocli
    String id;

    @Parameters(
        index = "1",
        paramLabel = "APPSPACE",
        description = "The appspace that receives the data.")
    @SuppressWarnings("NullAway.Init") // required by picocli
    String appspace;

    Adopt(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      context.server(state).control().adoptData(id, appspace);
      context.terminal().out().println(VisibleText.line(appspace + " has the data " + id));
      return ExitCode.OK;
    }
  }

  @Command(
      name = "discard",
      description = "Delete retained data permanently.",
      footer = {"", "Example:", "  dropserver data discard 01JD3Q8Z --yes"})
  static final class Discard implements Callable<Integer> {
    private final Context context;
    @Mixin StateOption state = new StateOption();

    @Parameters(paramLabel = "ID", description = "See `dropserver data list`.")
    @SuppressWarnings("NullAway.Init") // required by picocli
    String id;

    @Option(names = "--yes", description = "Confirm the permanent deletion.")
    boolean yes;

    Discard(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      if (!yes) {
        throw new CommandException(
            "the data " + id + " would be deleted permanently", "confirm with --yes");
      }
      context.server(state).control().discardData(id);
      context.terminal().out().println(VisibleText.line("discarded " + id));
      return ExitCode.OK;
    }
  }
}
