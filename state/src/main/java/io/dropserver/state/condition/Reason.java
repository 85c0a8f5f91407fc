package io.dropserver.state.condition;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * /** The reason of a condition or an event; an enum constant. The texts are stable, because JSON,
 * the database, metrics and {@code docs/reference/conditions.md} contain them. They come from the
 * constants' names, so a constant keeps its name.
 */
public interface Reason {

  /** Returns the name of the constant. */
  String name();

  /** Returns one word in UpperCamelCase, such as {@code ConvergeFailed}. */
  default String text() {
    return word(name());
  }

  Retry retry();

  /** Whether and when the server retries. */
  enum Retry {
    /** The server retries with backoff, or at the next scheduled time. */
    RETRY,

    /**
     * Only an edit or a person can resolve the problem. The server retries for a new revision or on
     * request, and otherwise only after the longest backoff.
     */
    STALLED,

    /**
     * The object has not failed: it is in order, or it waits for a scheduled time, disk space,
     * capacity or a person.
     */
    WAITING
  }

  /** Returns the constant with this text, or empty for a reason of another release. */
  static <R extends Enum<R> & Reason> Optional<R> find(Class<R> reasons, String text) {
    return Arrays.stream(reasons.getEnumConstants())
        .filter(reason -> reason.text().equals(text))
        .findFirst();
  }

  /** Returns the word of a constant: {@code ConvergeFailed} for {@code CONVERGE_FAILED}. */
  static String word(String constant) {
    return Arrays.stream(constant.split("_"))
        .map(part -> part.charAt(0) + part.substring(1).toLowerCase(Locale.ROOT))
        .collect(Collectors.joining());
  }
}
