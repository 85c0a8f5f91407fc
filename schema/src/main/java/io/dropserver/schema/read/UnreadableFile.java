package io.dropserver.schema.read;

import java.nio.charset.StandardCharsets;

/**
 * A file that could not be read to its end. It may declare names that other files refer to.
 *
 * @param contentUnknown whether its bytes are unknown, so that it may declare any name
 * @param text its bytes as ISO 8859-1; names are ASCII
 */
record UnreadableFile(boolean contentUnknown, String text) {
  static final UnreadableFile WITHOUT_CONTENT = new UnreadableFile(true, "");

  /** Removes zero bytes, so that names are also found in UTF-16 files. */
  static UnreadableFile of(byte[] bytes) {
    return new UnreadableFile(
        false, new String(bytes, StandardCharsets.ISO_8859_1).replace("\0", ""));
  }

  boolean mayDeclare(String word) {
    return contentUnknown || text.contains(word);
  }
}
