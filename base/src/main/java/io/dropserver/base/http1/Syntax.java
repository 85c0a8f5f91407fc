package io.dropserver.base.http1;

/** The characters of a head (RFC 9110, sections 5.5 and 5.6.2). */
final class Syntax {
  private static final boolean[] TOKEN = new boolean[128];

  static {
    for (char c = '!'; c < TOKEN.length; c++) {
      TOKEN[c] = Character.isLetterOrDigit(c) || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }
  }

  private Syntax() {}

  /** Returns whether methods and field names may contain the character. */
  static boolean isToken(int c) {
    return c >= 0 && c < TOKEN.length && TOKEN[c];
  }

  /**
   * Returns whether field values, reason phrases and chunk extensions may contain the character.
   */
  static boolean isText(int c) {
    return (c >= ' ' && c != 127) || c == '\t';
  }

  static boolean isToken(String word) {
    for (int i = 0; i < word.length(); i++) {
      if (!isToken(word.charAt(i))) {
        return false;
      }
    }
    return !word.isEmpty();
  }
}
