package io.dropserver.schema.status;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * One condition of an object or of the server, as JSON and the database contain it. Its type and
 * reason are plain words there: another release may have written them.
 *
 * @param type such as {@code Ready}
 * @param status whether it is true
 * @param since of the last change of status
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

  /** The same condition, observed at another revision. */
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
