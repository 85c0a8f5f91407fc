package io.dropserver.state.condition;

import java.util.Optional;

/** The conditions of the server as a whole. Implementations are thread-safe. */
public interface ServerConditions {

  Optional<Condition> find(ConditionType type);

  /** Sets a condition that does not depend on a revision, or replaces its reason and message. */
  void set(ConditionType type, Reason reason, String message);

  void clear(ConditionType type);
}
