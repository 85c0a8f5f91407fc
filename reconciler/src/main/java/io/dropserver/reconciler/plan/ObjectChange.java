package io.dropserver.reconciler.plan;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One object's part of a plan.
 *
 * @param fields the changed fields: all fields of a new object; for a removed object, only a {@code
 *     deletion} that is not the default of retaining its data
 * @param renamedFrom earlier name of an appspace that keeps its data
 */
public record ObjectChange(
    Action action, ObjectKey key, List<FieldChange> fields, Optional<String> renamedFrom) {

  public enum Action {
    CREATE,
    UPDATE,
    REMOVE;

    /** The spelling in JSON and tables. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
