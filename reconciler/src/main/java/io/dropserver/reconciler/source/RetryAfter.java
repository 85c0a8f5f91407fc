package io.dropserver.reconciler.source;

import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/** Parses the header {@code Retry-After}: seconds or a date (RFC 9110, section 10.2.3). */
public final class RetryAfter {
  private static final Duration SHORTEST = Duration.ofSeconds(1);

  /** Maximum pause, so that a faulty server cannot stop requests for long. */
  public static final Duration LONGEST = Duration.ofHours(1);

  private RetryAfter() {}

  /** Returns the requested pause within the limits; empty for other text. */
  public static Optional<Duration> parse(String header, Instant now) {
    String text = header.strip();
    if (text.matches("[0-9]{1,9}")) {
      return Optional.of(bounded(Duration.ofSeconds(Long.parseLong(text))));
    }
    try {
      Instant date = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return Optional.of(until(date, now));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /** Returns the pause until an instant, within the limits. */
  public static Duration until(Instant instant, Instant now) {
    return bounded(Duration.between(now, instant));
  }

  private static Duration bounded(Duration requested) {
    if (requested.compareTo(SHORTEST) < 0) {
      return SHORTEST;
    }
    return requested.compareTo(LONGEST) > 0 ? LONGEST : requested;
  }
}
