package io.dropserver.schema.document;

/** Quotes untrusted text for messages. */
public final class Quoting {
  private static final int MAX_SHOWN = 80;

  private Quoting() {}

  /**
   * Returns the text in back quotes, on one line and shortened. Control and bidirectional
   * formatting characters are escaped, so that a file cannot forge a line in a terminal or a log.
   */
  public static String quote(String text) {
    StringBuilder shown = new StringBuilder("`");
    int[] points = text.codePoints().limit(MAX_SHOWN).toArray();
    for (int point : points) {
      if (isUnsafe(point)) {
        shown.append("\\u").append("%04X".formatted(point));
      } else {
        shown.appendCodePoint(point);
      }
    }
    if (text.codePointCount(0, text.length()) > MAX_SHOWN) {
      shown.append('…');
    }
    return shown.append('`').toString();
  }

  private static boolean isUnsafe(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.UNASSIGNED,
          Character.PRIVATE_USE ->
          true;
      default -> false;
    };
  }
}
