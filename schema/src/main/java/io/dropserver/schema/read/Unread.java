package io.dropserver.schema.read;

import java.nio.charset.StandardCharsets;

/**
 * A file that could not be read to its end: what it declares may be just what is missed elsewhere.
 *
 * @param unseen whether not even its text is known
 * @param text its bytes, each as a character; names are ASCII
 */
record Unread(boolean unseen, String text) {
  static final Unread UNSEEN = new Unread(true, "");

  /** Zero bytes go, so that the names in a file of UTF-16 are seen as well. */
  static Unread of(byte[] bytes) {
    return new Unread(false, new String(bytes, StandardCharsets.ISO_8859_1).replace("\0", ""));
  }

  boolean mayDeclare(String word) {
    return unseen || text.contains(word);
  }
}
