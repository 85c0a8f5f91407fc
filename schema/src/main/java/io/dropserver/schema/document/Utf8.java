package io.dropserver.schema.document;

import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.Problem;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Decodes UTF-8 strictly: invalid bytes are never replaced and the encoding is never guessed. */
final class Utf8 {
  private Utf8() {}

  /** The decoded text, or the reason why the bytes are not valid. */
  sealed interface Decoded {}

  record DecodedText(String text) implements Decoded {}

  record InvalidText(Problem problem) implements Decoded {}

  static Decoded decode(String file, byte[] bytes) {
    String start = new String(bytes, 0, Math.min(3, bytes.length), StandardCharsets.ISO_8859_1);
    if (start.startsWith("\u00FF\u00FE") || start.startsWith("\u00FE\u00FF")) {
      return refused(Location.ofFile(file), "the file is UTF-16", "save it as UTF-8");
    }
    if (start.equals("\u00EF\u00BB\u00BF")) {
      return refused(
          Location.ofFile(file),
          "the file begins with a byte order mark",
          "save it as UTF-8 without one");
    }
    try {
      return new DecodedText(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      return invalid(file, bytes, validPrefix(bytes));
    }
  }

  private static Decoded invalid(String file, byte[] bytes, int offset) {
    String before = new String(bytes, 0, offset, StandardCharsets.UTF_8);
    return refused(
        Positions.of(file, before, before.length()),
        "byte 0x%02X is not valid UTF-8".formatted(bytes[offset] & 0xFF),
        "save the file as UTF-8");
  }

  /**
   * Returns the number of valid bytes. The decoder's own position stops at its buffer instead of at
   * the invalid byte.
   */
  private static int validPrefix(byte[] bytes) {
    ByteBuffer input = ByteBuffer.wrap(bytes);
    var decoder = StandardCharsets.UTF_8.newDecoder();
    var output = java.nio.CharBuffer.allocate(bytes.length);
    decoder.decode(input, output, true);
    return Math.min(input.position(), bytes.length - 1);
  }

  private static InvalidText refused(Location location, String message, String hint) {
    return new InvalidText(Problem.at(location, message, hint));
  }
}
