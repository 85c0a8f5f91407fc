package io.dropserver.sandbox.egress.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Overwrites texts in a stream of bytes with as many asterisks, also where pieces of the stream cut
 * them apart. What could be the beginning of one is held back until it is known. Not thread-safe.
 */
public final class Mask {
  /** Lets everything pass as it is. */
  public static final Mask NONE = new Mask(List.of());

  private final List<byte[]> texts;
  private byte[] held = new byte[0];

  private Mask(List<byte[]> texts) {
    this.texts = texts;
  }

  /**
   * @param texts none of them empty
   */
  public static Mask of(Collection<String> texts) {
    return new Mask(
        // The longest first: another may be its beginning.
        texts.stream()
            .sorted(Comparator.comparingInt(String::length).reversed())
            .map(text -> text.getBytes(StandardCharsets.ISO_8859_1))
            .toList());
  }

  boolean isNone() {
    return texts.isEmpty();
  }

  /** What may be sent on, now that these have come: less or more than they are. */
  byte[] pass(byte[] piece, int from, int length) {
    byte[] all = Arrays.copyOf(held, held.length + length);
    System.arraycopy(piece, from, all, held.length, length);
    int keep = 0;
    for (byte[] text : texts) {
      overwrite(all, text);
    }
    for (byte[] text : texts) {
      keep = Math.max(keep, begun(all, text));
    }
    held = Arrays.copyOfRange(all, all.length - keep, all.length);
    return Arrays.copyOf(all, all.length - keep);
  }

  /** What was held back, at the end of the stream. */
  byte[] rest() {
    byte[] rest = held;
    held = new byte[0];
    return rest;
  }

  private static void overwrite(byte[] all, byte[] text) {
    for (int at = 0; at <= all.length - text.length; at++) {
      if (matches(all, at, text, text.length)) {
        Arrays.fill(all, at, at + text.length, (byte) '*');
      }
    }
  }

  /** How many of the last bytes are the first of the text. */
  private static int begun(byte[] all, byte[] text) {
    for (int length = Math.min(text.length - 1, all.length); length > 0; length--) {
      if (matches(all, all.length - length, text, length)) {
        return length;
      }
    }
    return 0;
  }

  private static boolean matches(byte[] all, int at, byte[] text, int length) {
    return all[at] == text[0] && Arrays.equals(all, at, at + length, text, 0, length);
  }
}
