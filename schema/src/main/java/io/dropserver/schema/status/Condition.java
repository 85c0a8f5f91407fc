package io.dropserver.schema.status;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * A condition of an object or of the server, as in JSON and in the database. Type and reason are
 * strings, because another release may have written them. {@link ConditionType} and the
 * implementations of {@link Reason} contain those of this release.
 *
 * @param type such as {@code DataAssigned}
 * @param status whether the condition is true
 * @param since when the status last changed
 */
public record Condition(
    String type,
    boolean status,
    String reason,
    String message,
    Optional<String> observedRevision,
    Instant since) {

  public Condition(
      ConditionType type,
      boolean status,
      Reason reason,
      String message,
      Optional<String> observedRevision,
      Instant since) {
    this(type.text(), status, reason.text(), message, observedRevision, since);
  }

  /** Returns the same condition, observed at another revision. */
  public Condition observedAt(String revision) {
    return new Condition(type, status, reason, message, Optional.of(revision), since);
  }

  public boolean hasType(ConditionType other) {
    return type.equals(other.text());
  }

  public boolean hasTypeIn(Set<ConditionType> types) {
    return types.stream().anyMatch(this::hasType);
  }

  public boolean hasReason(Reason other) {
    return reason.equals(other.text());
  }
}
