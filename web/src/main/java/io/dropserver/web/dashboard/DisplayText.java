package io.dropserver.web.dashboard;

import io.dropserver.base.text.VisibleText;
import io.dropserver.web.page.PageTimes;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.regex.Pattern;

/**
 * Makes text from an app, a forge or a repository safe to display. jte escapes HTML. Thread-safe.
 */
final class DisplayText {
  private static final int MAX_LENGTH = 1_000;

  /** The length at which the app's log cuts a line. */
  private static final int MAX_LOG_LINE = 4_096;

  private static final Pattern TIME =
      Pattern.compile("\\b\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,9})?Z\\b");

  private DisplayText() {}

  /**
   * Returns the text as one line of at most 1,000 characters and a note of the omitted ones,
   * without invisible or bidirectional characters.
   */
  static String line(String text) {
    return VisibleText.line(cut(text, MAX_LENGTH)) + omissionNote(text, MAX_LENGTH);
  }

  /** Like {@link #line}, with line breaks as spaces and ISO times as pages show times. */
  static String message(String text) {
    String words = cut(text, MAX_LENGTH).replace('\n', ' ');
    return VisibleText.line(TIME.matcher(words).replaceAll(found -> day(found.group())))
        + omissionNote(text, MAX_LENGTH);
  }

  private static String day(String time) {
    try {
      return PageTimes.day(Instant.parse(time));
    } catch (DateTimeParseException e) {
      return time; // such as the 99th of a month
    }
  }

  /** Like {@link #line}, but keeps tabs, and up to 4,096 characters. */
  static String logLine(String text) {
    return VisibleText.lines(cut(text, MAX_LOG_LINE)).replace('\n', ' ')
        + omissionNote(text, MAX_LOG_LINE);
  }

  private static String cut(String text, int longest) {
    if (text.length() <= longest) {
      return text;
    }
    boolean half = Character.isHighSurrogate(text.charAt(longest - 1));
    return text.substring(0, half ? longest - 1 : longest);
  }

  private static String omissionNote(String text, int longest) {
    return text.length() <= longest ? "" : "… (" + (text.length() - longest) + " more)";
  }

  /** Returns the first digits of a commit id. */
  static String revision(String revision) {
    String shown = line(revision);
    return shown.substring(0, Math.min(7, shown.length()));
  }
}
