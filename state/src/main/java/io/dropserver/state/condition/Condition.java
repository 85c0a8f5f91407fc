package io.dropserver.state.condition;

import com.fasterxml.jackson.annotation.JsonProperty;
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

  /**
   * Returns how much the condition matters. A type of another release counts as a warning, so that
   * it is not hidden.
   */
  @JsonProperty(access = JsonProperty.Access.READ_ONLY)
  public Severity severity() {
    return ConditionType.find(type)
        .map(known -> known.severity(status, reason))
        .orElse(Severity.WARNING);
  }

  /** Returns whether the condition makes its object, or the server, not ready. */
  public boolean preventsReady() {
    return severity() != Severity.OK
        && ConditionType.find(type).filter(ConditionType::preventsReady).isPresent();
  }

  /** Returns the name of a condition without its normal status, such as {@code BackedUp=False}. */
  public String problem() {
    return ConditionType.find(type).filter(ConditionType::normal).isPresent()
        ? type + "=False"
        : type;
  }

  /** Returns this type as false, with the reason and the time of another condition. */
  public Condition falseBecauseOf(Condition cause) {
    return new Condition(type, false, cause.reason, cause.message, observedRevision, cause.since);
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
