package io.dropserver.schema.read;

/** What may stand in text that is shown to people. */
final class Texts {
  private Texts() {}

  /** Control characters, and those that change the direction of what follows. */
  static boolean isInvisible(int point) {
    int type = Character.getType(point);
    // Zero-width joiners are part of ordinary names and emoji; all other format characters deceive.
    boolean joiner = point == 0x200C || point == 0x200D;
    return type == Character.CONTROL
        || type == Character.LINE_SEPARATOR
        || type == Character.PARAGRAPH_SEPARATOR
        || type == Character.SURROGATE
        || (type == Character.FORMAT && !joiner);
  }
}
