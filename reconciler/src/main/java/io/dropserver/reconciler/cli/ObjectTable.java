package io.dropserver.reconciler.cli;

import io.dropserver.reconciler.cli.Table.Cell;
import io.dropserver.reconciler.cli.Terminal.Colour;
import io.dropserver.schema.status.ObjectStatus;
import java.util.List;

/** Prints objects as a table: kind, name, readiness, and the reason if an object is not ready. */
final class ObjectTable {
  private ObjectTable() {}

  static void print(Terminal terminal, List<ObjectStatus> objects) {
    Table table = new Table("KIND", "NAME", "READY", "REASON", "DETAIL");
    for (ObjectStatus object : objects) {
      table.row(
          Cell.of(object.kind()),
          Cell.of(object.name()),
          object.ready() ? Cell.of("yes", Colour.GREEN) : Cell.of("no", Colour.RED),
          Cell.of(object.reason()),
          Cell.of(detail(object)));
    }
    table.print(terminal);
  }

  private static String detail(ObjectStatus object) {
    return object.ready() ? object.url().orElse("") : object.message();
  }
}
