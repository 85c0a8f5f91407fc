package io.dropserver.state.condition;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How much a condition matters while it has its present status. In ascending order. */
public enum Severity {
  /** The condition has its normal status. */
  OK,

  /** Not the normal status, but expected or requested: no action is needed. */
  INFO,

  /** Everything that is declared is in service, and a person should act. */
  WARNING,

  /** Something that is declared or promised is not provided. */
  ERROR;

  /** Returns the word in JSON and metrics, such as {@code warning}. */
  @JsonValue
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns whether a person should act: status, alerts and the dashboard's summary report it. */
  public boolean needsAttention() {
    return compareTo(WARNING) >= 0;
  }
}
