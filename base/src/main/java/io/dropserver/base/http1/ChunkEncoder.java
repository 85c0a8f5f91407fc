package io.dropserver.base.http1;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Encodes a body in chunks (RFC 9112, section 7.1). */
public final class ChunkEncoder {
  /** The maximum number of bytes that {@link #chunk} adds. */
  public static final int MAX_ADDED_BYTES = 8 + 2 + 2;

  private static final byte[] LINE_END = ascii("\r\n");
  private static final byte[] LAST_CHUNK = ascii("0\r\n\r\n");

  private ChunkEncoder() {}

  /**
   * Returns the buffers to write for one chunk.
   *
   * @param content not empty, because an empty chunk would end the body
   */
  public static ByteBuffer[] chunk(ByteBuffer content) {
    if (!content.hasRemaining()) {
      throw new IllegalArgumentException("an empty chunk would end the body");
    }
    byte[] size = ascii(Integer.toHexString(content.remaining()) + "\r\n");
    return new ByteBuffer[] {ByteBuffer.wrap(size), content, ByteBuffer.wrap(LINE_END)};
  }

  /** Returns the end of a body in chunks. */
  public static ByteBuffer lastChunk() {
    return ByteBuffer.wrap(LAST_CHUNK);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
