package io.dropserver.reconciler.plan;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The change of one object in a plan.
 *
 * @param fields the changed fields. For a new object, all its fields; for a removed object, only a
 *     {@code deletion} policy other than the default
 * @param renamedFrom earlier name of an appspace that keeps its data
 */
public record ObjectChange(
    Action action, ObjectKey key, List<FieldChange> fields, Optional<String> renamedFrom) {

  public enum Action {
    CREATE,
    UPDATE,
    REMOVE;

    /** Returns the name of the action in JSON and tables. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
