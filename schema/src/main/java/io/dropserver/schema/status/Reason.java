package io.dropserver.schema.status;

import java.util.Arrays;
import java.util.Optional;

/**
 * The reason of a condition or an event. The words are a contract: JSON, the database, metrics and
 * {@code docs/conditions.md} contain them.
 */
public interface Reason {

  /** One word in UpperCamelCase, such as {@code ConvergeFailed}. */
  String text();

  Retry retry();

  /** When the server tries again what did not succeed for a reason. */
  enum Retry {
    /** After a wait that grows with each failure, or at the next scheduled time. */
    RETRY,

    /** When a new revision changes the object or a person asks; else after the longest wait. */
    STALLED,

    /** Nothing failed: the object is as it should be, or waits for a time, for room or a person. */
    WAITING
  }

  /** The constant with this word; empty for the word of another release. */
  static <R extends Enum<R> & Reason> Optional<R> find(Class<R> reasons, String text) {
    return Arrays.stream(reasons.getEnumConstants())
        .filter(reason -> reason.text().equals(text))
        .findFirst();
  }
}
