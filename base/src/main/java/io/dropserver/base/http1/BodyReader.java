package io.dropserver.base.http1;

import io.dropserver.base.http1.Body.Framing;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Decodes a body, piece by piece as it arrives. Chunks that were received together form one piece,
 * so that a peer that sends tiny chunks does not cause one write for each. Not thread-safe.
 */
public final class BodyReader {
  /** The maximum number of bytes of a chunk's size and extensions. */
  static final int MAX_SIZE_LINE_BYTES = 256;

  /**
   * The maximum number of hexadecimal digits of a chunk's size, so that the size is a positive
   * long.
   */
  static final int MAX_SIZE_DIGITS = 15;

  static final int MAX_TRAILER_BYTES = 16 << 10;

  private final ByteSource source;
  private final Framing framing;
  private long remaining; // bytes of the body, or of the current chunk
  private boolean first = true; // before the first chunk
  private boolean ending; // after the size line of the last chunk
  private int chunks;
  private boolean complete;

  public BodyReader(ByteSource source, Body body) {
    this.source = source;
    framing = body.framing();
    remaining = framing == Framing.LENGTH ? body.length() : 0;
    complete = body.isEmpty();
  }

  /** Returns the number of chunks that were parsed since the last call. */
  public int takeChunks() {
    int parsed = chunks;
    chunks = 0;
    return parsed;
  }

  /**
   * Returns whether the body has been read completely. For a body with a declared length, this is
   * true immediately after the last byte.
   */
  public boolean isComplete() {
    return complete;
  }

  /**
   * Returns the next piece, which is valid until the next call; empty only at the end.
   *
   * @throws MessageException when the peer violates the framing
   * @throws EOFException when the stream ends in the body
   */
  public ByteBuffer next() throws IOException {
    if (complete) {
      return ByteBuffer.allocate(0);
    }
    return switch (framing) {
      case NONE -> ByteBuffer.allocate(0);
      case LENGTH -> {
        ByteBuffer piece = take();
        complete = remaining == 0;
        yield piece;
      }
      case CHUNKED -> nextOfChunks();
      case UNTIL_CLOSE -> untilClose();
    };
  }

  private ByteBuffer take() throws IOException {
    ByteBuffer received = receiveIfEmpty();
    int size = (int) Math.min(remaining, received.remaining());
    ByteBuffer piece = received.slice(received.position(), size);
    received.position(received.position() + size);
    remaining -= size;
    return piece;
  }

  private ByteBuffer untilClose() throws IOException {
    ByteBuffer received = source.received();
    complete = !received.hasRemaining() && !source.receive();
    ByteBuffer piece = received.slice();
    received.position(received.limit());
    return piece;
  }

  private ByteBuffer nextOfChunks() throws IOException {
    if (remaining == 0 && !ending) {
      beginChunk();
    }
    if (ending) {
      // Trailers are dropped, so that they cannot change a head that was checked before.
      new HeadReader(source, MAX_TRAILER_BYTES).skipTrailers();
      complete = true;
      return ByteBuffer.allocate(0);
    }
    ByteBuffer piece = take();
    return remaining == 0 && source.received().hasRemaining() ? appendChunks(piece) : piece;
  }

  private void beginChunk() throws IOException {
    if (!first) {
      expectLineEnd(read());
    }
    first = false;
    remaining = chunkSize();
    ending = remaining == 0;
    chunks++;
  }

  /**
   * Appends further chunks to the piece, as long as their size lines have been received completely.
   * Does not wait for more data.
   */
  private ByteBuffer appendChunks(ByteBuffer piece) throws IOException {
    ByteBuffer received = source.received();
    int end = received.position();
    int start = end - piece.remaining();
    while (remaining == 0 && !ending && isSizeLineReceived(received)) {
      beginChunk();
      int size = (int) Math.min(remaining, received.remaining());
      received.put(end, received, received.position(), size);
      received.position(received.position() + size);
      end += size;
      remaining -= size;
    }
    return received.slice(start, end - start);
  }

  /** Returns whether the end of this chunk and the size line of the next one have been received. */
  private static boolean isSizeLineReceived(ByteBuffer received) {
    int limit = Math.min(received.limit(), received.position() + MAX_SIZE_LINE_BYTES + 4);
    for (int i = received.position() + 2; i < limit; i++) {
      if (received.get(i) == '\n') {
        return true;
      }
    }
    return false;
  }

  private long chunkSize() throws IOException {
    long size = 0;
    int digits = 0;
    int b = read();
    for (int digit = hex(b); digit >= 0; digit = hex(b)) {
      if (++digits > MAX_SIZE_DIGITS) {
        throw new MessageException("a chunk's size is too large");
      }
      size = size << 4 | digit;
      b = read();
    }
    if (digits == 0) {
      throw new MessageException("a chunk has no size");
    }
    expectLineEnd(b == ';' ? skipExtensions(digits) : b);
    return size;
  }

  private static int hex(int b) {
    return Character.digit(b, 16);
  }

  /** Returns the byte after the extensions. */
  private int skipExtensions(int digits) throws IOException {
    for (int i = digits + 1; i <= MAX_SIZE_LINE_BYTES; i++) {
      int b = read();
      if (!Syntax.isText(b)) {
        return b;
      }
    }
    throw new MessageException("a chunk's extensions are too long");
  }

  private void expectLineEnd(int b) throws IOException {
    if (b != '\r' || read() != '\n') {
      throw new MessageException("a chunk or its size line does not end in CRLF");
    }
  }

  private int read() throws IOException {
    return receiveIfEmpty().get() & 0xff;
  }

  private ByteBuffer receiveIfEmpty() throws IOException {
    ByteBuffer received = source.received();
    if (!received.hasRemaining() && !source.receive()) {
      throw new EOFException("the connection ended in a body");
    }
    return received;
  }
}
