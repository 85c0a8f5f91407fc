package io.dropserver.cli.object;

import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.ServerConnection;
import io.dropserver.cli.command.StateOption;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.cli.output.OutputOption;
import io.dropserver.control.ObjectStatus;
import io.dropserver.schema.instance.Kind;
import io.dropserver.state.StateFolder;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "get",
    description = "List all objects or those of one kind, or show one object with its conditions.",
    footer = {
      "",
      "Example:",
      "  dropserver get all",
      "  dropserver get appspaces -o wide",
      "  dropserver get appspace/notes -o yaml",
      "  dropserver get appspaces -l team=family --show-labels",
      "  dropserver get appspaces --watch"
    })
final class GetCommand implements Callable<Integer> {
  private final Context context;
  @Mixin StateOption state = new StateOption();
  @Mixin OutputOption output = new OutputOption();
  @Mixin SelectorOption labels = new SelectorOption();

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "KIND[/NAME]",
      description =
          "instance, user, group, app, appspace or egresswhitelist, also in the plural, or a name"
              + " (default: all).")
  @Nullable String object;

  @Parameters(index = "1", arity = "0..1", paramLabel = "NAME", description = "Name of one object.")
  @Nullable String name;

  @Option(
      names = {"-w", "--watch"},
      description = "Then print each change, until interrupted.")
  boolean watch;

  @Option(names = "--show-labels", description = "Print the labels too.")
  boolean showLabels;

  GetCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    ObjectName named = ObjectName.parse(object, name);
    labels.refuseFor(named);
    ServerConnection server = context.server(state);
    if (watch) {
      watch(server, named);
      return ExitCode.OK;
    }
    List<ObjectStatus> objects = labels.select(named.find(server));
    return named.name().isEmpty() || objects.size() > 1
        ? output.print(context.terminal(), Map.of("objects", objects), () -> printTable(objects))
        : output.print(
            context.terminal(),
            objects.getFirst(),
            () -> new ObjectText(context).print(objects.getFirst()));
  }

  private void printTable(List<ObjectStatus> objects) {
    if (output.wide()) {
      ObjectTable.printWide(context, objects, dataBytes(objects), showLabels);
    } else {
      ObjectTable.print(context.terminal(), objects, showLabels);
    }
  }

  /** Returns the size of the data of appspaces, or nothing if the state folder cannot be read. */
  private Map<String, Long> dataBytes(List<ObjectStatus> objects) {
    boolean allMeasured =
        objects.stream()
            .filter(object -> object.kind().equals(Kind.APPSPACE.text()))
            .allMatch(object -> object.usage().isPresent());
    if (allMeasured) {
      return Map.of();
    }
    try {
      return DiskUsage.dataBytes(new StateFolder(state.folder(context.terminal().environment())));
    } catch (IOException unreadable) {
      return Map.of();
    }
  }

  private void watch(ServerConnection server, ObjectName named) {
    new Watch(
            () ->
                labels.select(
                    server.view().objects(named.kind().map(kind -> kind.text()), named.name())),
            changed -> {
              if (output.structured()) {
                changed.forEach(each -> output.printNext(context.terminal(), each, () -> {}));
              } else {
                printTable(changed);
              }
            },
            removed -> {
              if (!output.structured()) {
                context.print("removed " + removed.kind() + " " + removed.name());
              }
            },
            Watch.INTERVAL)
        .run();
  }
}
