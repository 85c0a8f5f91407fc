package io.dropserver.schema.instance;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The time at which an entry of a whitelist ends: a date, through its end in UTC, or a time with an
 * offset (RFC 3339).
 */
public final class EndOfGrant {
  private static final Pattern DATE = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");
  private static final Pattern TIME = Pattern.compile(DATE + "T[0-9:.]{5,18}(Z|[+-][0-9:]{5})");
  private static final Pattern DAYS = Pattern.compile("([0-9]{1,4})d");

  /** Longest time for which a command grants something. */
  private static final Duration LONGEST = Duration.ofDays(3_650);

  private EndOfGrant() {}

  /** Parses a date or a time; empty if the text is neither. */
  public static Optional<Instant> parse(String text) {
    try {
      if (DATE.matcher(text).matches()) {
        return Optional.of(
            LocalDate.parse(text).plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant());
      }
      return TIME.matcher(text).matches()
          ? Optional.of(OffsetDateTime.parse(text).toInstant())
          : Optional.empty();
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** Formats an end so that {@link #parse} returns it again, with the precision of a second. */
  public static String format(Instant end) {
    Instant second = end.truncatedTo(ChronoUnit.SECONDS);
    return second.equals(second.truncatedTo(ChronoUnit.DAYS))
        ? second.minusSeconds(1).toString().substring(0, 10)
        : second.toString();
  }

  /**
   * Returns the end of a grant that a person limits: a duration such as {@code 30d} or {@code 12h},
   * or a date or time. Empty if the text is neither, or the end is not between now and ten years
   * later.
   */
  public static Optional<Instant> fromNow(String text, Instant now) {
    Matcher days = DAYS.matcher(text);
    Optional<Duration> duration =
        days.matches()
            ? Optional.of(Duration.ofDays(Long.parseLong(days.group(1))))
            : Durations.parse(text);
    return duration
        .map(now::plus)
        .or(() -> parse(text))
        .map(end -> end.truncatedTo(ChronoUnit.SECONDS))
        .filter(end -> end.isAfter(now) && !end.isAfter(now.plus(LONGEST)));
  }
}
