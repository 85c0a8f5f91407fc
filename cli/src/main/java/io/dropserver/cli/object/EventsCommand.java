package io.dropserver.cli.object;

import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.KindName;
import io.dropserver.cli.command.ServerConnection;
import io.dropserver.cli.command.StateOption;
import io.dropserver.cli.output.CommandException;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.cli.output.OutputOption;
import io.dropserver.cli.output.Table;
import io.dropserver.cli.output.Table.Cell;
import io.dropserver.cli.output.Terminal.Colour;
import io.dropserver.cli.output.TimeText;
import io.dropserver.state.condition.Event;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
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
      "  dropserver events --for appspace/notes --watch",
      "  dropserver events -l team=family",
      "  dropserver events -o json"
    })
final class EventsCommand implements Callable<Integer> {
  /** At least as many as the server stores. */
  private static final int ALL = 100_000;

  private final Context context;
  @Mixin StateOption state = new StateOption();
  @Mixin OutputOption output = new OutputOption();
  @Mixin SelectorOption labels = new SelectorOption();

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

  @Option(
      names = {"-w", "--watch"},
      description = "Then print each new event, until interrupted.")
  boolean watch;

  EventsCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    if (limit < 0) {
      throw new CommandException("--limit " + limit + " is negative", "write a number from 0");
    }
    ServerConnection server = context.server(state);
    // An object that was removed still has events, so it need not exist.
    ObjectName wanted =
        object == null ? ObjectName.parse(null, null) : ObjectName.one(object, null);
    labels.refuseFor(wanted);
    Supplier<Predicate<Event>> filter = () -> filter(server, wanted);
    List<Event> stored = server.view().events(ALL);
    List<Event> events = latest(stored, filter.get(), limit);
    if (watch) {
      printBatch(events);
      watch(server, filter, stored.stream().findFirst());
      return ExitCode.OK;
    }
    return output.print(context.terminal(), "events", events, table(), EventsCommand::addRow);
  }

  /** Returns which events are shown. A selector applies to the labels that objects have now. */
  private Predicate<Event> filter(ServerConnection server, ObjectName wanted) {
    if (labels.text == null) {
      return event -> isOf(event, wanted);
    }
    Set<List<String>> selected =
        labels.select(server.view().objects(Optional.empty(), Optional.empty())).stream()
            .map(each -> List.of(each.kind(), each.name()))
            .collect(Collectors.toSet());
    return event -> selected.contains(List.of(event.kind(), event.name()));
  }

  /**
   * @param newest the newest event of any object that the server had
   */
  private void watch(
      ServerConnection server, Supplier<Predicate<Event>> filter, Optional<Event> newest) {
    AtomicReference<Optional<Event>> known = new AtomicReference<>(newest);
    Watch.repeat(
        () -> {
          List<Event> stored = server.view().events(ALL);
          // The known event may be of an object that is no longer selected.
          List<Event> later =
              stored.stream()
                  .takeWhile(event -> known.get().filter(event::equals).isEmpty())
                  .toList();
          List<Event> shown = latest(later, filter.get(), ALL);
          if (!shown.isEmpty()) {
            printBatch(shown);
          }
          stored.stream().findFirst().ifPresent(event -> known.set(Optional.of(event)));
        },
        Watch.INTERVAL);
  }

  private void printBatch(List<Event> events) {
    if (output.structured()) {
      events.forEach(event -> output.printNext(context.terminal(), event, () -> {}));
    } else {
      Table table = table();
      events.forEach(event -> addRow(table, event));
      table.print(context.terminal());
    }
  }

  private static Table table() {
    return new Table("TIME", "OBJECT", "REASON", "MESSAGE");
  }

  private static void addRow(Table table, Event event) {
    table.row(
        Cell.faint(TimeText.local(event.time())),
        Cell.of(event.kind() + "/" + event.name()),
        event.warning() ? Cell.of(event.reason(), Colour.YELLOW) : Cell.of(event.reason()),
        Cell.of(event.message()));
  }

  /** Returns the latest events of an object, oldest first. */
  static List<Event> eventsOf(ServerConnection server, String kind, String name, int most) {
    ObjectName object = new ObjectName(Optional.of(KindName.parse(kind)), Optional.of(name));
    return latest(server.view().events(ALL), event -> isOf(event, object), most);
  }

  private static boolean isOf(Event event, ObjectName object) {
    return object.kind().stream().allMatch(kind -> kind.text().equals(event.kind()))
        && object.name().stream().allMatch(event.name()::equals);
  }

  /**
   * @param stored newest first
   * @return oldest first
   */
  private static List<Event> latest(List<Event> stored, Predicate<Event> filter, int most) {
    return stored.stream().filter(filter).limit(most).toList().reversed();
  }
}
