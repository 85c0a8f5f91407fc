package io.dropserver.cli.object;

import io.dropserver.base.text.Sizes;
import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.RepositoryOption;
import io.dropserver.cli.command.StateOption;
import io.dropserver.cli.object.DiskUsage.OfAppspace;
import io.dropserver.cli.output.CommandException;
import io.dropserver.cli.output.OutputOption;
import io.dropserver.cli.output.ProgressBar;
import io.dropserver.cli.output.Table;
import io.dropserver.cli.output.Table.Cell;
import io.dropserver.control.BackupOrder;
import io.dropserver.control.BackupOutcome;
import io.dropserver.control.BackupVerb;
import io.dropserver.state.StateFolder;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "usage",
    description = {
      "Show what occupies the disk.",
      "Lists data, mirrors and retained data of each appspace, also of stopped ones, and the parts"
          + " of the server. The sum is that of the state folder.",
      "Reads the state folder, so the server need not run."
    },
    footer = {"", "Example:", "  dropserver usage", "  dropserver usage --snapshots -o json"})
final class UsageCommand implements Callable<Integer> {
  private final Context context;
  @Mixin StateOption state = new StateOption();
  @Mixin OutputOption output = new OutputOption();
  @Mixin RepositoryOption in = new RepositoryOption();

  @Option(
      names = "--snapshots",
      description = {
        "Also ask the server for the size of each appspace's backups in the repository, which"
            + " takes some seconds for each appspace."
      })
  boolean snapshots;

  UsageCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    StateFolder folder = new StateFolder(state.folder(context.terminal().environment()));
    DiskUsage usage;
    try {
      usage = DiskUsage.of(folder);
    } catch (IOException e) {
      throw new CommandException(
          "the state folder cannot be measured: " + e.getMessage(),
          "run the command as the server's user or as root, with --state DIR");
    }
    Optional<BackupOutcome> backups = snapshots ? Optional.of(askServer()) : Optional.empty();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("appspaces", usage.appspaces());
    fields.put("server", usage.server());
    fields.put("totalBytes", usage.totalBytes());
    backups.ifPresent(outcome -> fields.putAll(outcome.fields()));
    return output.print(context.terminal(), fields, () -> print(usage, backups));
  }

  private BackupOutcome askServer() {
    BackupOrder order =
        new BackupOrder(
            BackupVerb.USAGE, Optional.empty(), Optional.empty(), Optional.empty(), List.of());
    try (ProgressBar bar = new ProgressBar(context.terminal())) {
      return context.server(state).backups().run(order.in(in.name()), bar::show);
    }
  }

  private void print(DiskUsage usage, Optional<BackupOutcome> backups) {
    Table appspaces = new Table("APPSPACE", "OWNER", "DATA", "MIRRORS", "RETAINED");
    for (OfAppspace each : usage.appspaces()) {
      appspaces.row(
          Cell.of(each.appspace()),
          Cell.of(each.owner()),
          Cell.of(Sizes.text(each.dataBytes())),
          Cell.of(Sizes.text(each.mirrorBytes())),
          Cell.of(Sizes.text(each.retainedBytes())));
    }
    appspaces.print(context.terminal());
    context.terminal().out().println();
    Table parts = new Table("SERVER", "SIZE");
    usage
        .server()
        .forEach(
            (part, bytes) ->
                parts.row(
                    Cell.of(part.equals(".") ? "(database and other files)" : part),
                    Cell.of(Sizes.text(bytes))));
    parts.row(Cell.of("(all of the state folder)"), Cell.of(Sizes.text(usage.totalBytes())));
    parts.print(context.terminal());
    backups.ifPresent(
        outcome -> {
          context.terminal().out().println();
          context.printLines(outcome.message());
        });
  }
}
