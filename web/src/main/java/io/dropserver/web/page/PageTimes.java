package io.dropserver.web.page;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Formats instants for pages. */
public final class PageTimes {
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("d MMM uuuu, HH:mm 'UTC'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private PageTimes() {}

  /** Such as {@code 26 Nov 2026, 07:30 UTC}. */
  public static String day(Instant instant) {
    return DAY.format(instant);
  }
}
