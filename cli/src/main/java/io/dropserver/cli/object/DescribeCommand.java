package io.dropserver.cli.object;

import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.ServerConnection;
import io.dropserver.cli.command.StateOption;
import io.dropserver.cli.output.OutputOption;
import io.dropserver.control.EgressLine;
import io.dropserver.control.ObjectStatus;
import io.dropserver.control.VisitorRequest;
import io.dropserver.schema.instance.Kind;
import io.dropserver.state.condition.Event;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "describe",
    description = {
      "Show one object with its conditions, usage and latest events.",
      "Of an appspace also the jobs, the latest requests of visitors, and those of its app to the"
          + " outside."
    },
    footer = {
      "",
      "Example:",
      "  dropserver describe notes",
      "  dropserver describe appspace/notes",
      "  dropserver describe app board -o yaml"
    })
final class DescribeCommand implements Callable<Integer> {
  /** How many events and how many requests are shown. */
  private static final int LATEST = 10;

  private final Context context;
  @Mixin StateOption state = new StateOption();
  @Mixin OutputOption output = new OutputOption();

  @Parameters(
      index = "0",
      paramLabel = "[KIND/]NAME",
      description = "The object, such as appspace/notes.")
  @SuppressWarnings("NullAway.Init") // required by picocli
  String object;

  @Parameters(index = "1", arity = "0..1", paramLabel = "NAME", description = "Name of the object.")
  @Nullable String name;

  DescribeCommand(Context context) {
    this.context = context;
  }

  /**
   * @param events oldest first
   * @param requests of the app to the outside, oldest first; empty unless the object is an appspace
   * @param visitorRequests oldest first; empty unless the object is an appspace
   */
  record Description(
      ObjectStatus object,
      List<Event> events,
      List<EgressLine> requests,
      List<VisitorRequest> visitorRequests) {}

  @Override
  public Integer call() throws IOException {
    ServerConnection server = context.server(state);
    ObjectStatus found = ObjectName.one(object, name).findOne(server);
    boolean appspace = found.kind().equals(Kind.APPSPACE.text());
    Description description =
        new Description(
            found,
            EventsCommand.eventsOf(server, found.kind(), found.name(), LATEST),
            appspace ? requests(server, found.name()) : List.of(),
            appspace ? server.view().visitorRequests(found.name()) : List.of());
    return output.print(context.terminal(), description, () -> print(description));
  }

  private static List<EgressLine> requests(ServerConnection server, String appspace)
      throws IOException {
    Deque<EgressLine> latest = new ArrayDeque<>();
    server
        .view()
        .egressLog(
            appspace,
            false,
            line -> {
              if (latest.size() == LATEST) {
                latest.removeFirst();
              }
              latest.addLast(line);
            });
    return List.copyOf(latest);
  }

  private void print(Description description) {
    ObjectText text = new ObjectText(context);
    text.print(description.object());
    description.object().usage().ifPresent(text::printUsage);
    if (!description.events().isEmpty()) {
      text.printEvents(description.events());
    }
    if (!description.visitorRequests().isEmpty()) {
      text.printVisitorRequests(description.visitorRequests());
    }
    if (!description.requests().isEmpty()) {
      text.printRequests(description.requests());
    }
  }
}
