package io.dropserver.cli.app;

import io.dropserver.cli.command.CommandGroup;
import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.NameOf;
import io.dropserver.cli.command.StateOption;
import io.dropserver.cli.output.CommandException;
import io.dropserver.cli.output.OutputOption;
import io.dropserver.cli.output.Table;
import io.dropserver.cli.output.Table.Cell;
import io.dropserver.cli.output.TimeText;
import io.dropserver.cli.repository.CommitAuthor;
import io.dropserver.control.UpdateControl;
import io.dropserver.control.UpdateStatus;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "updates",
    description = "List, merge and decline new versions of apps that are followed.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Merging an update's branch or pull request does the same; `dropserver retry app/NAME` asks"
          + " for new versions now.",
      "",
      "Example:",
      "  dropserver updates list"
    })
final class UpdatesCommand extends CommandGroup {
  private final Context context;

  UpdatesCommand(Context context) {
    this.context = context;
  }

  @Command(
      name = "list",
      description = "List the versions that wait for a decision.",
      footer = {"", "Example:", "  dropserver updates list -o json"})
  int list(@Mixin StateOption state, @Mixin OutputOption output) {
    return output.print(
        context.terminal(),
        "updates",
        context.server(state).updates().updates(),
        new Table("APP", "VERSION", "OFFERED", "WHERE", "SUMMARY"),
        (table, update) ->
            table.row(
                Cell.of(update.app()),
                Cell.of(update.version()),
                Cell.of(TimeText.ago(update.offeredAt(), context.clock())),
                Cell.of(update.pullRequest().orElse(update.place())),
                Cell.of(update.summary())));
  }

  /** The version that a command decides about. */
  static final class OfferedVersion {
    @Parameters(
        index = "0",
        paramLabel = "APP",
        converter = NameOf.AnApp.class,
        description = "See `dropserver updates list`.")
    private String app = "";

    @Parameters(
        index = "1",
        paramLabel = "VERSION",
        arity = "0..1",
        description = "Needed only if several versions are offered.")
    private Optional<String> version = Optional.empty();

    UpdateStatus find(UpdateControl updates) {
      List<UpdateStatus> found =
          updates.updates().stream()
              .filter(update -> update.app().equals(app))
              .filter(update -> version.isEmpty() || version.get().equals(update.version()))
              .toList();
      if (found.size() > 1) {
        throw new CommandException(
            "several versions of " + app + " are offered",
            "name one: " + String.join(", ", found.stream().map(UpdateStatus::version).toList()));
      }
      return found.stream().findFirst().orElseThrow(this::notOffered);
    }

    private CommandException notOffered() {
      return new CommandException(
          version.isPresent()
              ? "version %s of %s is not offered".formatted(version.get(), app)
              : "no version of the app %s is offered".formatted(app),
          "`dropserver updates list` lists the offers, `dropserver retry app/%s` asks for new versions"
              .formatted(app));
    }
  }

  @Command(
      name = "merge",
      description = "Upgrade: commits the update to the followed branch in your name.",
      footer = {"", "Example:", "  dropserver updates merge wiki"})
  void merge(@Mixin StateOption state, @Mixin OfferedVersion offered) {
    UpdateControl updates = context.server(state).updates();
    UpdateStatus update = offered.find(updates);
    updates.merge(
        update.app(),
        update.version(),
        update.commit(),
        CommitAuthor.of(context.terminal().environment()));
    context.print(
        "merged %s %s; it applies once the commit is in service"
            .formatted(update.app(), update.version()));
  }

  @Command(
      name = "decline",
      description = "Decline a version: its branch and pull request are closed.",
      footer = {"", "Example:", "  dropserver updates decline wiki 5.4.1"})
  void decline(@Mixin StateOption state, @Mixin OfferedVersion offered) {
    UpdateControl updates = context.server(state).updates();
    UpdateStatus update = offered.find(updates);
    updates.decline(
        update.app(), update.version(), CommitAuthor.of(context.terminal().environment()));
    context.print(
        "declined %s %s; this version is not offered again"
            .formatted(update.app(), update.version()));
  }
}
