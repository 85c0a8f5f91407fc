package io.dropserver.reconciler.edit;

import java.util.List;

/** The lines of a text as SnakeYAML sees them. YAML 1.1 has more line breaks than most formats. */
record SourceLines(String text) {
  private static final String BREAKS = "\n\r\u0085\u2028\u2029";

  boolean isBreak(int offset) {
    return offset >= 0 && offset < text.length() && BREAKS.indexOf(text.charAt(offset)) >= 0;
  }

  int start(int offset) {
    int at = offset;
    while (at > 0 && !isBreak(at - 1)) {
      at--;
    }
    return at;
  }

  /** Returns the offset of the line break, or of the end of the text. */
  int end(int offset) {
    int at = offset;
    while (at < text.length() && !isBreak(at)) {
      at++;
    }
    return at;
  }

  /** Returns the offset of the next line, or of the end of the text. */
  int next(int offset) {
    int end = end(offset);
    if (end == text.length()) {
      return end;
    }
    boolean two = text.startsWith("\r\n", end);
    return end + (two ? 2 : 1);
  }

  /**
   * Returns the number of characters before this offset on its line.
   *
   * @throws UneditableException if the line has anything but spaces and the dashes of lists before
   *     the offset
   */
  int column(int offset) {
    int start = start(offset);
    if (!text.substring(start, offset).chars().allMatch(c -> c == ' ' || c == '-')) {
      throw new UneditableException("other text precedes it on its line");
    }
    return offset - start;
  }

  /**
   * Returns the number of spaces before this offset on its line.
   *
   * @throws UneditableException if the line has anything but spaces before the offset
   */
  int indent(int offset) {
    int start = start(offset);
    if (!text.substring(start, offset).chars().allMatch(c -> c == ' ')) {
      throw new UneditableException("other text precedes it on its line");
    }
    return offset - start;
  }

  /** Returns whether only white space or a comment follows on the line. */
  boolean isRestBlank(int offset) {
    String rest = text.substring(offset, end(offset));
    String stripped = rest.replaceFirst("^[ \t]+", "");
    return stripped.isEmpty() || (stripped.startsWith("#") && rest.length() > stripped.length());
  }

  boolean isComment(int lineStart, int deeperThan) {
    int at = lineStart;
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
    return at - lineStart > deeperThan && at < text.length() && text.charAt(at) == '#';
  }

  /**
   * Returns the line break directly before this offset, or else the first one of the text. The
   * default is a line feed.
   */
  String lineBreak(int offset) {
    int at = isBreak(offset - 1) ? offset - 1 : end(0);
    if (at >= text.length()) {
      return "\n";
    }
    if (text.charAt(at) == '\n' && at > 0 && text.charAt(at - 1) == '\r') {
      return "\r\n";
    }
    if (text.charAt(at) == '\r') {
      return text.startsWith("\r\n", at) ? "\r\n" : "\r";
    }
    return "\n";
  }

  /**
   * Inserts whole lines at the beginning of a line or at the end of the text. If the text does not
   * end with a line break, neither does the result.
   */
  TextEdit insert(int offset, List<String> lines) {
    String lineBreak = lineBreak(offset);
    String joined = String.join(lineBreak, lines);
    boolean atLineStart = offset == 0 || isBreak(offset - 1);
    return TextEdit.insert(offset, atLineStart ? joined + lineBreak : lineBreak + joined);
  }
}
