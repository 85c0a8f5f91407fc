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

  /** Whether and when the server retries. */
  enum Retry {
    /** The server retries with backoff, or at the next scheduled time. */
    RETRY,

    /**
     * Only an edit or a person can resolve it. The server retries for a new revision or on request,
     * and otherwise only after the longest backoff.
     */
    STALLED,

    /**
     * No failure of the object: it is in order, or it waits for a time, for space, for capacity or
     * for a person.
     */
    WAITING
  }

  /** Finds the constant with a word. Empty for a word of another release. */
  static <R extends Enum<R> & Reason> Optional<R> find(Class<R> reasons, String text) {
    return Arrays.stream(reasons.getEnumConstants())
        .filter(reason -> reason.text().equals(text))
        .findFirst();
  }
}
