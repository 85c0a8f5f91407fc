package io.dropserver.base.text;

/** Shortens text without cutting a character in half. */
public final class ShortText {
  private ShortText() {}

  /**
   * Returns the text, or if it is longer, its beginning and an ellipsis: {@code longest} points.
   */
  public static String of(String text, int longest) {
    return isLonger(text, longest) ? first(text, longest - 1) + "…" : text;
  }

  /** Returns at most the first {@code longest} code points. */
  public static String first(String text, int longest) {
    return isLonger(text, longest) ? text.substring(0, text.offsetByCodePoints(0, longest)) : text;
  }

  private static boolean isLonger(String text, int longest) {
    return text.length() > longest && text.codePointCount(0, text.length()) > longest;
  }
}
