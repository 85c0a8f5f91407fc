package io.dropserver.schema.read;

/** Decides which characters may appear in text that is shown to people. */
final class Texts {
  private Texts() {}

  /**
   * Returns whether the character is a control character or changes the direction of the text that
   * follows.
   */
  static boolean isInvisible(int point) {
    int type = Character.getType(point);
    // Zero-width joiners occur in ordinary names and emoji; all other format characters are
    // deceptive.
    boolean joiner = point == 0x200C || point == 0x200D;
    return type == Character.CONTROL
        || type == Character.LINE_SEPARATOR
        || type == Character.PARAGRAPH_SEPARATOR
        || type == Character.SURROGATE
        || (type == Character.FORMAT && !joiner);
  }
}
