package io.dropserver.schema.document;

import io.dropserver.schema.instance.Location;

/** Converts an index into a text to a line and a column. */
final class Positions {
  private Positions() {}

  /**
   * @param index in UTF-16 code units
   */
  static Location of(String file, String text, int index) {
    int end = Math.min(index, text.length());
    int line = 1;
    int lineStart = 0;
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      boolean loneReturn = c == '\r' && (i + 1 >= text.length() || text.charAt(i + 1) != '\n');
      if (c == '\n' || loneReturn) {
        line++;
        lineStart = i + 1;
      }
    }
    return new Location(file, line, text.codePointCount(lineStart, end) + 1);
  }
}
