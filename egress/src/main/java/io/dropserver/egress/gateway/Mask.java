package io.dropserver.egress.gateway;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Replaces every occurrence of given texts in a byte stream with asterisks, even if a text is split
 * over several pieces of the stream. Not thread-safe.
 *
 * <p>If a piece ends with the beginning of a text, that beginning is held back until the next piece
 * arrives, but only if it is {@linkplain #heldFrom too long to guess}. If shorter beginnings were
 * held back, an app could send guesses to a destination that echoes them, and a delay would confirm
 * each correct character. Therefore a beginning of at most 15 bytes can pass. The rest of the text
 * is then overwritten.
 */
final class Mask {
  /** A mask that passes everything unchanged. */
  static final Mask NONE = new Mask(List.of());

  private static final int MAX_UNHELD = 15;

  private final List<byte[]> texts;

  /** The last bytes of the stream, which could be the beginning of a text. */
  private byte[] tail = new byte[0];

  /** The number of bytes of the tail that have already been passed on. */
  private int sent;

  private Mask(List<byte[]> texts) {
    this.texts = texts;
  }

  /**
   * @param texts none of them empty
   */
  static Mask of(Collection<String> texts) {
    return new Mask(
        // Sort the longest text first, because a shorter text may be the beginning of a longer one.
        texts.stream()
            .sorted(Comparator.comparingInt(String::length).reversed())
            .map(text -> text.getBytes(StandardCharsets.ISO_8859_1))
            .toList());
  }

  /**
   * Adds a piece of the stream and returns the bytes that can be passed on. The result may be
   * longer or shorter than the piece.
   */
  ByteBuffer pass(ByteBuffer piece) {
    if (texts.isEmpty()) {
      return piece;
    }
    byte[] all = Arrays.copyOf(tail, tail.length + piece.remaining());
    piece.get(all, tail.length, piece.remaining());
    for (byte[] text : texts) {
      overwrite(all, text);
    }
    int keep = 0;
    int hold = 0;
    for (byte[] text : texts) {
      int begun = matchingSuffix(all, text);
      keep = Math.max(keep, begun);
      hold = Math.max(hold, begun >= heldFrom(text) ? begun : 0);
    }
    int end = Math.max(sent, all.length - hold);
    ByteBuffer passed = ByteBuffer.wrap(all, sent, end - sent);
    tail = Arrays.copyOfRange(all, all.length - keep, all.length);
    sent = Math.max(0, end - (all.length - keep));
    return passed;
  }

  /** Returns the bytes that were held back. Call this at the end of the stream. */
  ByteBuffer remaining() {
    ByteBuffer rest = ByteBuffer.wrap(tail, sent, tail.length - sent);
    tail = new byte[0];
    sent = 0;
    return rest;
  }

  private static int heldFrom(byte[] text) {
    return Math.min(MAX_UNHELD + 1, (text.length + 1) / 2);
  }

  private static void overwrite(byte[] all, byte[] text) {
    for (int at = 0; at <= all.length - text.length; at++) {
      if (matches(all, at, text, text.length)) {
        Arrays.fill(all, at, at + text.length, (byte) '*');
      }
    }
  }

  /** Returns how many of the last bytes match the beginning of the text. */
  private static int matchingSuffix(byte[] all, byte[] text) {
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
