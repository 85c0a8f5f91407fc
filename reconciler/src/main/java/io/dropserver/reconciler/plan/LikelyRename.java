package io.dropserver.reconciler.plan;

import io.dropserver.reconciler.plan.ObjectChange.Action;
import io.dropserver.schema.instance.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An appspace that a plan removes, and one with the same app and owner that it creates. Without
 * {@code renamedFrom}, the created one waits until an operator decides about the data of the
 * removed one.
 */
public record LikelyRename(String from, String to) {

  /** Returns the pairs of a plan; each appspace is in at most one of them. */
  public static List<LikelyRename> of(Plan plan, LastApplied applied) {
    List<String> removed =
        new ArrayList<>(
            plan.changes().stream()
                .filter(change -> isAppspace(change, Action.REMOVE))
                .map(change -> change.key().name())
                .sorted()
                .toList());
    List<LikelyRename> pairs = new ArrayList<>();
    for (ObjectChange change : plan.changes()) {
      if (isAppspace(change, Action.CREATE)) {
        Map<String, String> created =
            change.fields().stream()
                .filter(field -> field.after().isPresent())
                .collect(Collectors.toMap(FieldChange::path, it -> it.after().orElseThrow()));
        removed.stream()
            .filter(name -> isSame(created, applied.fields(ObjectKey.appspace(name))))
            .findFirst()
            .ifPresent(name -> pairs.add(new LikelyRename(name, change.key().name())));
        pairs.forEach(pair -> removed.remove(pair.from()));
      }
    }
    return List.copyOf(pairs);
  }

  /** Returns the pairs between two revisions. */
  public static List<LikelyRename> between(Desired before, Desired after) {
    LastApplied applied = RevisionSnapshot.of(before);
    return of(new Planner().plan(applied, after), applied);
  }

  private static boolean isAppspace(ObjectChange change, Action action) {
    return change.action() == action && change.key().kind() == Kind.APPSPACE;
  }

  private static boolean isSame(Map<String, String> created, Map<String, String> removed) {
    return Stream.of("app.name", "owner")
        .allMatch(path -> Objects.equals(created.get(path), removed.get(path)));
  }

  /** Returns a warning for the author of the change. */
  @Override
  public String toString() {
    return "appspace %1$s is removed, and %2$s is created with the same app and owner: if this is a rename, add \"renamedFrom: %1$s\" to %2$s, which then keeps the data"
        .formatted(from, to);
  }
}
