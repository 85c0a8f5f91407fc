package io.dropserver.reconciler.status;

import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.state.condition.Reason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The conditions of one object, {@code DataAssigned} first. Immutable. Negative conditions are
 * present only while they are true.
 */
public record Conditions(List<Condition> list) {
  public static final Conditions NONE = new Conditions(List.of());

  /** Returns a condition that is true, whatever the revision. */
  public static Condition raised(ConditionType type, Reason reason, String message, Instant since) {
    return new Condition(type, true, reason, message, Optional.empty(), since);
  }

  public Optional<Condition> find(ConditionType type) {
    return list.stream().filter(condition -> condition.hasType(type)).findFirst();
  }

  public boolean ready() {
    return find(ConditionType.READY).map(Condition::status).orElse(false);
  }

  /**
   * Returns these conditions with one set. Its {@code since} is kept if its status is unchanged.
   */
  public Conditions with(
      ConditionType type,
      boolean status,
      Reason reason,
      String message,
      String revision,
      Instant now) {
    Instant since =
        find(type).filter(before -> before.status() == status).map(Condition::since).orElse(now);
    Optional<String> observed = Optional.of(revision).filter(id -> !id.isEmpty());
    List<Condition> changed = new ArrayList<>(without(type).list);
    changed.add(new Condition(type, status, reason, message, observed, since));
    changed.sort(
        Comparator.comparing((Condition condition) -> !condition.hasType(ConditionType.READY))
            .thenComparing(Condition::type));
    return new Conditions(List.copyOf(changed));
  }

  public Conditions without(ConditionType type) {
    return new Conditions(list.stream().filter(condition -> !condition.hasType(type)).toList());
  }

  /**
   * Returns whether all types, statuses, reasons and messages are equal. Ignores times and observed
   * revisions.
   */
  public boolean hasSameContent(Conditions other) {
    return content().equals(other.content());
  }

  private List<String> content() {
    return list.stream()
        .map(c -> c.type() + c.status() + "\n" + c.reason() + "\n" + c.message())
        .toList();
  }
}
