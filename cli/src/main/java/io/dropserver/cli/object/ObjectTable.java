package io.dropserver.cli.object;

import io.dropserver.base.text.Sizes;
import io.dropserver.cli.command.Context;
import io.dropserver.cli.output.SeverityColour;
import io.dropserver.cli.output.Table;
import io.dropserver.cli.output.Table.Cell;
import io.dropserver.cli.output.Terminal;
import io.dropserver.cli.output.Terminal.Colour;
import io.dropserver.cli.output.TimeText;
import io.dropserver.control.AppspaceUsage;
import io.dropserver.control.ObjectStatus;
import io.dropserver.control.UsagePoint;
import io.dropserver.schema.instance.Kind;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Prints objects as a table: kind, name, readiness, and the reason if an object is not ready. */
final class ObjectTable {
  private ObjectTable() {}

  static void print(Terminal terminal, List<ObjectStatus> objects, boolean showLabels) {
    Table table =
        table(showLabels, List.of("KIND", "NAME", "READY", "REASON", "ATTENTION", "DETAIL"));
    for (ObjectStatus object : objects) {
      addRow(
          table,
          showLabels,
          object,
          List.of(
              Cell.of(object.kind()),
              Cell.of(object.name()),
              object.ready() ? Cell.of("yes", Colour.GREEN) : Cell.of("no", Colour.RED),
              Cell.of(object.reason()),
              attention(object),
              Cell.of(detail(object))));
    }
    table.print(terminal);
  }

  /**
   * Prints more columns, such as the time of the last change of readiness, and usage.
   *
   * @param dataBytes size of the data of appspaces that did not run recently, by name
   */
  static void printWide(
      Context context,
      List<ObjectStatus> objects,
      Map<String, Long> dataBytes,
      boolean showLabels) {
    Table table =
        table(
            showLabels,
            List.of(
                "KIND",
                "NAME",
                "READY",
                "REASON",
                "ATTENTION",
                "SINCE",
                "SANDBOX",
                "MEMORY",
                "STORAGE",
                "URL",
                "SOURCE",
                "MESSAGE"));
    for (ObjectStatus object : objects) {
      Optional<UsagePoint> last = object.usage().map(AppspaceUsage::last);
      addRow(
          table,
          showLabels,
          object,
          List.of(
              Cell.of(object.kind()),
              Cell.of(object.name()),
              object.ready() ? Cell.of("yes", Colour.GREEN) : Cell.of("no", Colour.RED),
              Cell.of(object.reason()),
              attention(object),
              Cell.of(since(context, object)),
              Cell.of(sandbox(object)),
              Cell.of(last.map(point -> Sizes.text(point.memoryBytes())).orElse("-")),
              Cell.of(
                  last.map(UsagePoint::storageBytes)
                      .or(() -> storedBytes(object, dataBytes))
                      .map(Sizes::text)
                      .orElse("-")),
              Cell.of(object.url().orElse("-")),
              Cell.of(object.source()),
              Cell.of(object.message())));
    }
    table.print(context.terminal());
  }

  private static Table table(boolean showLabels, List<String> headings) {
    List<String> all = new ArrayList<>(headings);
    if (showLabels) {
      all.add("LABELS");
    }
    return new Table(all.toArray(String[]::new));
  }

  private static void addRow(
      Table table, boolean showLabels, ObjectStatus object, List<Cell> cells) {
    List<Cell> all = new ArrayList<>(cells);
    if (showLabels) {
      all.add(Cell.of(labels(object)));
    }
    table.row(all.toArray(Cell[]::new));
  }

  /** Returns the labels as {@code k=v}, separated by commas; a dash if there are none. */
  static String labels(ObjectStatus object) {
    return object.labels().isEmpty()
        ? "-"
        : object.labels().entrySet().stream()
            .map(label -> label.getKey() + "=" + label.getValue())
            .collect(Collectors.joining(","));
  }

  /** Returns the conditions that need attention, except readiness, such as {@code StorageFull}. */
  private static Cell attention(ObjectStatus object) {
    List<Condition> found =
        object.problems().stream().filter(each -> !each.hasType(ConditionType.READY)).toList();
    return found.isEmpty()
        ? Cell.of("-")
        : Cell.of(
            found.stream().map(Condition::problem).distinct().collect(Collectors.joining(", ")),
            SeverityColour.of(found.getFirst().severity()));
  }

  private static Optional<Long> storedBytes(ObjectStatus object, Map<String, Long> dataBytes) {
    return object.kind().equals(Kind.APPSPACE.text())
        ? Optional.ofNullable(dataBytes.get(object.name()))
        : Optional.empty();
  }

  private static String sandbox(ObjectStatus object) {
    if (!object.kind().equals(Kind.APPSPACE.text())) {
      return "-";
    }
    return object
        .usage()
        .filter(AppspaceUsage::live)
        .map(usage -> usage.asleep() ? "asleep" : "awake")
        .orElse("stopped");
  }

  private static String since(Context context, ObjectStatus object) {
    return object.conditions().stream()
        .filter(condition -> condition.hasType(ConditionType.READY))
        .findFirst()
        .map(condition -> TimeText.ago(condition.since(), context.clock()))
        .orElse("-");
  }

  private static String detail(ObjectStatus object) {
    return object.ready() ? object.url().orElse("") : object.message();
  }
}
