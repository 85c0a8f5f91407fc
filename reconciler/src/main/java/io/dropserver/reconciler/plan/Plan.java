package io.dropserver.reconciler.plan;

import io.dropserver.reconciler.plan.ObjectChange.Action;
import io.dropserver.schema.instance.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The changes of a sync, in the order of {@link ObjectKey}. Removals are last, in reverse order.
 */
public record Plan(List<ObjectChange> changes) {

  public boolean isEmpty() {
    return changes.isEmpty();
  }

  public long count(Action action) {
    return changes.stream().filter(objectChange -> objectChange.action() == action).count();
  }

  /** Returns the number of changes, for example {@code 1 create, 2 update, 0 remove}. */
  public String summary() {
    return "%d create, %d update, %d remove"
        .formatted(count(Action.CREATE), count(Action.UPDATE), count(Action.REMOVE));
  }

  /** Returns the output of {@code plan -o json} as values for a JSON mapper. */
  public Map<String, Object> toJson() {
    List<Map<String, Object>> list = new ArrayList<>();
    for (ObjectChange objectChange : changes) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("action", objectChange.action().text());
      json.put("kind", objectChange.key().kind().text());
      json.put("name", objectChange.key().name());
      objectChange.renamedFrom().ifPresent(from -> json.put("renamedFrom", from));
      json.put("fields", objectChange.fields().stream().map(FieldChange::path).toList());
      json.put("values", values(objectChange));
      list.add(json);
    }
    return Map.of("changes", list);
  }

  private static Map<String, Object> values(ObjectChange objectChange) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (FieldChange field : objectChange.fields()) {
      Map<String, String> sides = new LinkedHashMap<>();
      field.before().ifPresent(text -> sides.put("before", text));
      field.after().ifPresent(text -> sides.put("after", text));
      values.put(field.path(), sides);
    }
    return values;
  }

  /**
   * Returns the plan as table rows. A change with several descriptions has one row for each.
   *
   * @return cells: action, kind, name, description
   */
  public List<List<String>> rows() {
    List<List<String>> rows = new ArrayList<>();
    for (ObjectChange objectChange : changes) {
      List<String> whats = descriptions(objectChange);
      for (int i = 0; i < whats.size(); i++) {
        rows.add(
            i == 0
                ? List.of(
                    objectChange.action().text(),
                    objectChange.key().kind().text(),
                    objectChange.key().name(),
                    whats.getFirst())
                : List.of("", "", "", whats.get(i)));
      }
    }
    return rows;
  }

  /** Describes the effects of a change in one or more lines. A single line may be empty. */
  public static List<String> descriptions(ObjectChange objectChange) {
    List<String> whats = new ArrayList<>();
    objectChange.renamedFrom().ifPresent(from -> whats.add("was " + from + ", keeps its data"));
    switch (objectChange.action()) {
      case UPDATE -> objectChange.fields().forEach(field -> whats.add(field.toString()));
      case CREATE -> contentOf(objectChange).ifPresent(whats::add);
      case REMOVE -> {
        if (objectChange.key().kind() == Kind.APPSPACE) {
          whats.add(
              objectChange.fields().isEmpty()
                  ? "stopped, any data is retained"
                  : "stopped, its data is deleted after a last backup");
        }
      }
    }
    return whats.isEmpty() ? List.of("") : whats;
  }

  private static java.util.Optional<String> contentOf(ObjectChange objectChange) {
    return objectChange.fields().stream()
        .filter(field -> field.path().equals("app.content"))
        .findFirst()
        .flatMap(FieldChange::after);
  }
}
