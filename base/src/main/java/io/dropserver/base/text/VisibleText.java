package io.dropserver.base.text;

/**
 * Makes untrusted text safe to print. Escape sequences in an app's log or a commit message could
 * otherwise move the cursor, change the terminal's title or fill the clipboard, and bidirectional
 * controls could reorder a line.
 */
public final class VisibleText {
  private static final int CONTROL_PICTURES = 0x2400;
  private static final int DELETE_PICTURE = 0x2421;

  private VisibleText() {}

  /** Returns the text on one line: line breaks and tabs are replaced by visible characters. */
  public static String line(String text) {
    return UnsafeCharacters.LINE.replace(text, VisibleText::picture);
  }

  /** Returns the text on several lines: line breaks and tabs are kept. */
  public static String lines(String text) {
    return UnsafeCharacters.LINES.replace(text, VisibleText::picture);
  }

  private static String picture(int point) {
    if (point < 0x20) {
      return Character.toString(CONTROL_PICTURES + point);
    }
    return point == 0x7f ? Character.toString(DELETE_PICTURE) : "\\u%04x".formatted(point);
  }
}
