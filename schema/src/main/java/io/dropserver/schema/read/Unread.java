package io.dropserver.schema.read;

import java.nio.charset.StandardCharsets;

/**
 * A file that could not be read to its end. It may declare names that other files refer to.
 *
 * @param unseen whether not even its bytes are known
 * @param text its bytes, one character each; names are ASCII
 */
record Unread(boolean unseen, String text) {
  static final Unread UNSEEN = new Unread(true, "");

  /** Removes zero bytes, so that names in UTF-16 files are found too. */
  static Unread of(byte[] bytes) {
    return new Unread(false, new String(bytes, StandardCharsets.ISO_8859_1).replace("\0", ""));
  }

  boolean mayDeclare(String word) {
    return unseen || text.contains(word);
  }
}
