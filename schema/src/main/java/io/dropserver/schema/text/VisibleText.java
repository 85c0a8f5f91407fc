package io.dropserver.schema.text;

/**
 * Makes untrusted text safe to print. Escape sequences in an app's log or a commit message could
 * otherwise move the cursor, change the terminal's title or fill the clipboard, and bidirectional
 * controls could reorder a line.
 */
public final class VisibleText {
  private static final int CONTROL_PICTURES = 0x2400;
  private static final int DELETE_PICTURE = 0x2421;

  private VisibleText() {}

  /** One line: line breaks and tabs become visible characters too. */
  public static String line(String text) {
    return visible(text, false);
  }

  /** Several lines: line breaks and tabs are kept. */
  public static String lines(String text) {
    return visible(text, true);
  }

  private static String visible(String text, boolean keepLayout) {
    if (text.codePoints().noneMatch(point -> isHidden(point, keepLayout))) {
      return text;
    }
    StringBuilder shown = new StringBuilder(text.length() + 16);
    text.codePoints().forEach(point -> append(shown, point, keepLayout));
    return shown.toString();
  }

  private static void append(StringBuilder shown, int point, boolean keepLayout) {
    if (!isHidden(point, keepLayout)) {
      shown.appendCodePoint(point);
    } else if (point < 0x20) {
      shown.appendCodePoint(CONTROL_PICTURES + point);
    } else if (point == 0x7f) {
      shown.appendCodePoint(DELETE_PICTURE);
    } else {
      shown.append("\\u%04x".formatted(point));
    }
  }

  private static boolean isHidden(int point, boolean keepLayout) {
    if (keepLayout && (point == '\n' || point == '\t')) {
      return false;
    }
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      default -> false;
    };
  }
}
