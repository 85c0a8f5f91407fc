package io.dropserver.cli.backup;

import io.dropserver.base.text.Sizes;
import io.dropserver.cli.command.CommandGroup;
import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.NameOf;
import io.dropserver.cli.command.StateOption;
import io.dropserver.cli.output.CommandException;
import io.dropserver.cli.output.OutputOption;
import io.dropserver.cli.output.Table;
import io.dropserver.cli.output.Table.Cell;
import io.dropserver.cli.output.TimeText;
import io.dropserver.control.Erasure;
import io.dropserver.control.RetainedData;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  private final Context context;

  DataCommand(Context context) {
    this.context = context;
  }

  @Command(
      name = "list",
      description = "List retained data: id, former appspace, time and bytes of its files.",
      footer = {"", "Example:", "  dropserver data list -o json"})
  int list(@Mixin StateOption state, @Mixin OutputOption output) {
    List<RetainedData> retained = context.server(state).view().retainedData();
    return output.print(
        context.terminal(),
        "data",
        retained,
        new Table("ID", "APPSPACE", "APP", "OWNER", "RETAINED", "SIZE"),
        (table, data) ->
            table.row(
                Cell.of(data.id()),
                Cell.of(data.appspace()),
                Cell.of(data.app()),
                Cell.of(data.owner()),
                Cell.of(TimeText.ago(data.retainedAt(), context.clock())),
                Cell.of(Sizes.text(data.sizeBytes()))));
  }

  @Command(
      name = "adopt",
      description = "Give retained data to an appspace that has no data yet.",
      footer = {"", "Example:", "  dropserver data adopt 01JD3Q8Z notes"})
  void adopt(
      @Mixin StateOption state,
      @Parameters(index = "0", paramLabel = "ID", description = "See `dropserver data list`.")
          String id,
      @Parameters(
              index = "1",
              paramLabel = "APPSPACE",
              converter = NameOf.AnAppspace.class,
              description = "The appspace that receives the data.")
          String appspace) {
    context.server(state).control().adoptData(id, appspace);
    context.print(appspace + " has the data " + id);
  }

  @Command(
      name = "start-empty",
      description = {
        "Let an appspace start without data although retained data may be meant for it.",
        "The retained data stays."
      },
      footer = {"", "Example:", "  dropserver data start-empty notes"})
  void startEmpty(
      @Mixin StateOption state,
      @Parameters(
              paramLabel = "APPSPACE",
              converter = NameOf.AnAppspace.class,
              description = "The appspace with the reason DataRetained.")
          String appspace) {
    context.server(state).control().startEmpty(appspace);
    context.print(appspace + " starts without data");
  }

  @Command(
      name = "discard",
      description = "Delete retained data from this machine. Its backups stay.",
      footer = {
        "",
        "With --with-backups, also erases the backups of this data in every repository, and prints",
        "what remains.",
        "",
        "Example:",
        "  dropserver data discard 01JD3Q8Z --yes",
        "  dropserver data discard 01JD3Q8Z --with-backups --yes"
      })
  int discard(
      @Mixin StateOption state,
      @Mixin OutputOption output,
      @Parameters(paramLabel = "ID", description = "See `dropserver data list`.") String id,
      @Option(names = "--with-backups", description = "Also erase its backups.")
          boolean withBackups,
      @Option(names = "--yes", description = "Confirm the deletion.") boolean yes) {
    if (!yes) {
      throw new CommandException(
          "the data "
              + id
              + (withBackups
                  ? " would be deleted from this machine and from every backup repository"
                  : " would be deleted from this machine; its backups stay"),
          "confirm with --yes");
    }
    if (withBackups) {
      Erasure erasure = new Erasure(Optional.empty(), Optional.empty(), Optional.of(id));
      return BackupOperations.erase(context, state, output, erasure);
    }
    context.server(state).control().discardData(id);
    return output.print(
        context.terminal(),
        Map.of("discarded", id),
        () ->
            context.print(
                "discarded "
                    + id
                    + "; its backups stay in every repository, and `dropserver backup list` lists"
                    + " them"));
  }
}
