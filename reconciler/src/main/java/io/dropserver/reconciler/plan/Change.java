package io.dropserver.reconciler.plan;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What happens to one object.
 *
 * @param fields that change; for a new object all it has, for one that goes what becomes of its
 *     data, where that is not retained
 * @param renamedFrom the earlier name of an appspace that keeps its data
 */
public record Change(
    Action action, ObjectKey key, List<FieldChange> fields, Optional<String> renamedFrom) {

  public enum Action {
    CREATE,
    UPDATE,
    REMOVE;

    /** As JSON and tables spell it. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
