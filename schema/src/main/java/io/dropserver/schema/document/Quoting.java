package io.dropserver.schema.document;

import io.dropserver.base.text.UnsafeCharacters;

/** Quotes untrusted text for messages. */
public final class Quoting {
  private static final int MAX_SHOWN = 80;

  private Quoting() {}

  /**
   * Returns the text in back quotes, on one line and shortened. Control and bidirectional
   * formatting characters are escaped, so that a file cannot forge a line in a terminal or a log.
   */
  public static String quote(String text) {
    String cut =
        text.codePoints()
            .limit(MAX_SHOWN)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    String more = cut.length() < text.length() ? "…" : "";
    return "`" + UnsafeCharacters.QUOTE.replace(cut, "\\u%04X"::formatted) + more + "`";
  }
}
