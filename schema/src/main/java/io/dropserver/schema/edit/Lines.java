package io.dropserver.schema.edit;

import java.util.List;

/** The lines of a text, as SnakeYAML sees them: YAML 1.1 has more line breaks than most. */
record Lines(String text) {
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

  /** The offset of the line's break, or of the end of the text. */
  int end(int offset) {
    int at = offset;
    while (at < text.length() && !isBreak(at)) {
      at++;
    }
    return at;
  }

  /** Where the next line begins, or the end of the text. */
  int next(int offset) {
    int end = end(offset);
    if (end == text.length()) {
      return end;
    }
    boolean two = text.startsWith("\r\n", end);
    return end + (two ? 2 : 1);
  }

  /**
   * How many spaces stand before this on its line.
   *
   * @throws UneditableException when anything else does
   */
  int indent(int offset) {
    int start = start(offset);
    if (!text.substring(start, offset).chars().allMatch(c -> c == ' ')) {
      throw new UneditableException("something stands before it on its line");
    }
    return offset - start;
  }

  /** Whether nothing but white space or a comment follows on the line. */
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

  /** The break that the line before this offset ends with; that of the first line otherwise. */
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
   * Whole lines at the beginning of a line or at the end of the text, whose last break it keeps.
   */
  Splice insert(int offset, List<String> lines) {
    String lineBreak = lineBreak(offset);
    String joined = String.join(lineBreak, lines);
    boolean atLineStart = offset == 0 || isBreak(offset - 1);
    return Splice.insert(offset, atLineStart ? joined + lineBreak : lineBreak + joined);
  }
}
