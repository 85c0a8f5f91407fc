package io.dropserver.web.dashboard;

import io.dropserver.schema.text.VisibleText;

/** Text that an app, a forge or a repository wrote, made fit for a page; jte escapes it. */
final class Shown {
  private static final int LONGEST = 1_000;

  /** What a log keeps of a line. */
  private static final int LONGEST_PRINTED = 4_096;

  private Shown() {}

  /** One line in which nothing is hidden and nothing changes the order; cut where it is long. */
  static String line(String text) {
    return VisibleText.line(cut(text, LONGEST)) + rest(text, LONGEST);
  }

  /** The same for what an app printed, whose tabs stay. */
  static String printed(String text) {
    return VisibleText.lines(cut(text, LONGEST_PRINTED)).replace('\n', ' ')
        + rest(text, LONGEST_PRINTED);
  }

  private static String cut(String text, int longest) {
    if (text.length() <= longest) {
      return text;
    }
    boolean half = Character.isHighSurrogate(text.charAt(longest - 1));
    return text.substring(0, half ? longest - 1 : longest);
  }

  private static String rest(String text, int longest) {
    return text.length() <= longest ? "" : "… (" + (text.length() - longest) + " more)";
  }

  /** The first digits of a commit. */
  static String revision(String revision) {
    String shown = line(revision);
    return shown.substring(0, Math.min(7, shown.length()));
  }
}
