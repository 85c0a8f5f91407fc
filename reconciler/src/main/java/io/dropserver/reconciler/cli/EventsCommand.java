package io.dropserver.reconciler.cli;

import io.dropserver.reconciler.cli.Table.Cell;
import io.dropserver.reconciler.cli.Terminal.Colour;
import io.dropserver.schema.status.Event;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "events",
    description = "List events, newest last.",
    footer = {
      "",
      "Example:",
      "  dropserver events --limit 20",
      "  dropserver events --for appspace/notes",
      "  dropserver events -o json"
    })
final class EventsCommand implements Callable<Integer> {
  /** At least as many as the server stores. */
  private static final int ALL = 100_000;

  private final Context context;
  @Mixin StateOption state = new StateOption();
  @Mixin OutputOption output = new OutputOption();

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "50",
      description = "Maximum number of events, newest only (default: ${DEFAULT-VALUE}).")
  int limit;

  @Option(
      names = "--for",
      paramLabel = "KIND/NAME",
      description = "Only events of this object, such as appspace/notes.")
  @Nullable String object;

  EventsCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    if (limit < 0) {
      throw new CommandException("--limit " + limit + " is negative", "write a number from 0");
    }
    ServerConnection server = context.server(state);
    return output.print(
        context.terminal(),
        "events",
        object == null ? server.view().events(limit).reversed() : eventsOf(server, object),
        new Table("TIME", "OBJECT", "REASON", "MESSAGE"),
        (table, event) ->
            table.row(
                Cell.faint(TimeText.local(event.time())),
                Cell.of(event.kind() + "/" + event.name()),
                event.warning() ? Cell.of(event.reason(), Colour.YELLOW) : Cell.of(event.reason()),
                Cell.of(event.message())));
  }

  /** An object that was removed still has events, so it need not exist. */
  private List<Event> eventsOf(ServerConnection server, String named) {
    ObjectName one = ObjectName.one(named, null);
    return eventsOf(server, one.kind().orElseThrow().text(), one.name().orElseThrow(), limit);
  }

  /** Returns the latest events of an object, oldest first. */
  static List<Event> eventsOf(ServerConnection server, String kind, String name, int most) {
    return server.view().events(ALL).stream()
        .filter(event -> event.kind().equals(kind) && event.name().equals(name))
        .limit(most)
        .toList()
        .reversed();
  }
}
