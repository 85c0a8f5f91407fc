package io.dropserver.reconciler.notify;

/**
 * Something that a person should know of.
 *
 * @param key the same for as long as it is the same trouble; one line
 * @param title a few words of ASCII
 * @param text one line, in which nothing is hidden
 */
record Trouble(String key, String title, String text) {
  private static final int LONGEST = 500;

  Trouble {
    text = inert(text);
  }

  /** Messages name files and destinations that others chose. */
  private static String inert(String text) {
    String line =
        text.codePoints()
            .map(point -> isHidden(point) ? ' ' : point)
            .limit(LONGEST)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString()
            .replaceAll(" {2,}", " ")
            .strip();
    return text.codePointCount(0, text.length()) > LONGEST ? line + "…" : line;
  }

  private static boolean isHidden(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED ->
          true;
      default -> false;
    };
  }
}
