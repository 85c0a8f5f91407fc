package io.dropserver.reconciler.cli;

import io.dropserver.reconciler.cli.Table.Cell;
import io.dropserver.reconciler.cli.Terminal.Colour;
import io.dropserver.schema.status.Event;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "events",
    description = "List events, newest last.",
    footer = {"", "Example:", "  dropserver events --limit 20", "  dropserver events -o json"})
final class EventsCommand implements Callable<Integer> {
  private final Context context;
  @Mixin StateOption state = new StateOption();
  @Mixin OutputOption output = new OutputOption();

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "50",
      description = "Maximum number of events, newest only (default: ${DEFAULT-VALUE}).")
  int limit;

  EventsCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    List<Event> events = context.server(state).view().events(limit).reversed();
    if (output.json()) {
      Json.print(context.terminal(), Map.of("events", events));
    } else {
      print(events);
    }
    return ExitCode.OK;
  }

  private void print(List<Event> events) {
    Table table = new Table("TIME", "OBJECT", "REASON", "MESSAGE");
    for (Event event : events) {
      table.row(
          Cell.faint(TimeText.local(event.time())),
          Cell.of(event.kind() + "/" + event.name()),
          event.warning() ? Cell.of(event.reason(), Colour.YELLOW) : Cell.of(event.reason()),
          Cell.of(event.message()));
    }
    table.print(context.terminal());
  }
}
