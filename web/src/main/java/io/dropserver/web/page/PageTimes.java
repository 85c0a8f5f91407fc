package io.dropserver.web.page;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Formats times for pages. Thread-safe. */
public final class PageTimes {
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("d MMM uuuu, HH:mm 'UTC'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private PageTimes() {}

  /** Returns a text such as {@code 26 Nov 2026, 07:30 UTC}. */
  public static String day(Instant instant) {
    return DAY.format(instant);
  }
}
