package io.dropserver.cli.output;

import io.dropserver.base.text.VisibleText;
import io.dropserver.schema.instance.Durations;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/** Formats times and revisions for display. */
public final class TimeText {
  private static final DateTimeFormatter LOCAL =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneId.systemDefault());
  private static final int SHORT_REVISION = 7;

  private TimeText() {}

  public static String local(Instant moment) {
    return LOCAL.format(moment);
  }

  /**
   * Returns text such as {@code 5 s ago}, {@code 3 min ago}, {@code 2 h ago} or {@code 4 days ago}.
   * Returns {@code -} for the epoch, which means an unknown time.
   */
  public static String ago(Instant moment, Clock clock) {
    if (moment.equals(Instant.EPOCH)) {
      return "-";
    }
    Duration age = Duration.between(moment, clock.instant());
    if (age.toSeconds() < 2) {
      return "just now";
    }
    if (age.toMinutes() < 2) {
      return age.toSeconds() + " s ago";
    }
    if (age.toHours() < 2) {
      return age.toMinutes() + " min ago";
    }
    return age.toDays() < 2 ? age.toHours() + " h ago" : age.toDays() + " days ago";
  }

  /**
   * Returns the time that an option such as {@code --since} names.
   *
   * @param text a duration before now, or a time
   */
  public static Instant since(String text, Clock clock) {
    Optional<Duration> days =
        Optional.of(text)
            .filter(it -> it.matches("[0-9]{1,5}d"))
            .map(it -> Duration.ofDays(Long.parseLong(it.substring(0, it.length() - 1))));
    Optional<Instant> ago = days.or(() -> Durations.parse(text)).map(clock.instant()::minus);
    try {
      return ago.orElseGet(() -> Instant.parse(text));
    } catch (DateTimeParseException e) {
      throw new CommandException(
          "--since " + text + " is neither a duration nor a time",
          "write a duration such as 90s, 10m, 1h30m or 7d, or a time such as 2026-11-25T10:00:00Z",
          e);
    }
  }

  public static String shortRevision(String revision) {
    String shown = VisibleText.line(revision);
    return shown.length() <= SHORT_REVISION ? shown : shown.substring(0, SHORT_REVISION);
  }
}
