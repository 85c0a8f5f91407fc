package io.dropserver.web;

import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.state.condition.Reason;
import io.dropserver.state.condition.ServerConditions;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps the conditions in memory. */
public final class RecordedConditions implements ServerConditions {
  private final Map<ConditionType, Condition> conditions = new ConcurrentHashMap<>();

  @Override
  public Optional<Condition> find(ConditionType type) {
    return Optional.ofNullable(conditions.get(type));
  }

  @Override
  public void set(ConditionType type, Reason reason, String message) {
    conditions.put(
        type, new Condition(type, true, reason, message, Optional.empty(), Instant.EPOCH));
  }

  @Override
  public void clear(ConditionType type) {
    conditions.remove(type);
  }
}
