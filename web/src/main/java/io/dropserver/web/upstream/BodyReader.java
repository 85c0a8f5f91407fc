package io.dropserver.web.upstream;

import io.dropserver.web.upstream.UpstreamResponseHead.BodyFraming;
import java.nio.ByteBuffer;

/**
 * Decodes the bodies of the responses on a connection, piece by piece as they arrive. Chunks that
 * were received together form one piece, so that an app that sends tiny chunks does not cause one
 * write for each.
 */
public final class BodyReader {
  private static final int MAX_LINE_BYTES = 4 << 10;
  private static final int MAX_TRAILER_BYTES = 16 << 10;
  private static final long CHUNK_NANOS = 100;

  private final UpstreamConnection connection;
  private BodyFraming bodyFraming = BodyFraming.NONE;
  private long remaining; // bytes of the body, or of the current chunk
  private boolean first; // before the first chunk
  private boolean ending; // after the size line of the last chunk
  private int chunks; // parsed since the last call of takeParsingNanos
  private boolean complete = true;

  BodyReader(UpstreamConnection connection) {
    this.connection = connection;
  }

  void begin(UpstreamResponseHead head) {
    bodyFraming = head.framing();
    remaining = bodyFraming == BodyFraming.LENGTH ? head.contentLength() : 0;
    first = true;
    ending = false;
    complete = bodyFraming == BodyFraming.NONE;
  }

  /** The estimated CPU time for parsing since the last call. */
  long takeParsingNanos() {
    long nanos = chunks * CHUNK_NANOS;
    chunks = 0;
    return nanos;
  }

  /**
   * Whether the body has been read completely. For a body with a declared length, this is true
   * immediately after the last byte.
   */
  public boolean isComplete() {
    return complete;
  }

  /**
   * Returns the next piece, which is valid until the next call; empty only at the end.
   *
   * @throws UpstreamException when the app closes early or violates the framing
   */
  public ByteBuffer next() throws UpstreamException {
    if (complete) {
      return ByteBuffer.allocate(0);
    }
    return switch (bodyFraming) {
      case NONE -> ByteBuffer.allocate(0);
      case LENGTH -> take();
      case CHUNKED -> nextOfChunk();
      case UNTIL_CLOSE -> untilClose();
    };
  }

  private ByteBuffer take() throws UpstreamException {
    ByteBuffer received = connection.received();
    if (!received.hasRemaining() && !connection.receive()) {
      throw connection.closed("it closed the connection in a body");
    }
    int size = (int) Math.min(remaining, received.remaining());
    ByteBuffer piece = received.slice(received.position(), size);
    received.position(received.position() + size);
    remaining -= size;
    complete = bodyFraming == BodyFraming.LENGTH && remaining == 0;
    return piece;
  }

  private ByteBuffer untilClose() throws UpstreamException {
    ByteBuffer received = connection.received();
    if (!received.hasRemaining() && !connection.receive()) {
      complete = true;
      return ByteBuffer.allocate(0);
    }
    ByteBuffer piece = received.slice();
    received.position(received.limit());
    return piece;
  }

  private ByteBuffer nextOfChunk() throws UpstreamException {
    if (remaining == 0 && !ending) {
      beginChunk();
    }
    if (ending) {
      skipTrailers();
      complete = true;
      return ByteBuffer.allocate(0);
    }
    ByteBuffer piece = take();
    return remaining == 0 && connection.received().hasRemaining() ? appendChunks(piece) : piece;
  }

  private void beginChunk() throws UpstreamException {
    if (!first) {
      expectLineEnd();
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
  private ByteBuffer appendChunks(ByteBuffer piece) throws UpstreamException {
    ByteBuffer received = connection.received();
    int end = received.position();
    int start = end - piece.remaining();
    while (remaining == 0 && !ending && sizeLineReceived(received)) {
      beginChunk();
      int size = (int) Math.min(remaining, received.remaining());
      received.put(end, received, received.position(), size);
      received.position(received.position() + size);
      end += size;
      remaining -= size;
    }
    return received.slice(start, end - start);
  }

  /** Whether the end of this chunk and the size line of the next one have been received. */
  private static boolean sizeLineReceived(ByteBuffer received) {
    for (int i = received.position() + 2; i < received.limit(); i++) {
      if (received.get(i) == '\n') {
        return true;
      }
    }
    return false;
  }

  private long chunkSize() throws UpstreamException {
    long size = 0;
    int digits = 0;
    for (int i = 0; i < MAX_LINE_BYTES; i++) {
      int b = read();
      int digit = Character.digit(b, 16);
      if (digit >= 0 && digits == i) {
        size = size * 16 + digit;
        digits++;
        if (digits > 15) {
          throw UpstreamException.malformed("a chunk's size is too large");
        }
      } else if (digits == 0) {
        throw UpstreamException.malformed("a chunk has no size");
      } else if (b == '\r') {
        expect('\n');
        return size;
      } else if (digits == i && b != ';' && b != ' ' && b != '\t') {
        throw UpstreamException.malformed("a chunk's size is not a number");
      } else if (b == '\n') {
        throw UpstreamException.malformed("a chunk's line does not end in CRLF");
      }
    }
    throw UpstreamException.malformed("a chunk's line is too long");
  }

  /** Reads and discards trailers, because they must not change a head that was checked before. */
  private void skipTrailers() throws UpstreamException {
    int line = 0;
    for (int i = 0; i < MAX_TRAILER_BYTES; i++) {
      int b = read();
      if (b == '\r') {
        expect('\n');
        if (line == 0) {
          return;
        }
        line = 0;
      } else if (b == '\n') {
        throw UpstreamException.malformed("a trailer does not end in CRLF");
      } else {
        line++;
      }
    }
    throw UpstreamException.malformed("too many trailers");
  }

  private void expectLineEnd() throws UpstreamException {
    expect('\r');
    expect('\n');
  }

  private void expect(char wanted) throws UpstreamException {
    if (read() != wanted) {
      throw UpstreamException.malformed("a chunk does not end after its declared size");
    }
  }

  private int read() throws UpstreamException {
    ByteBuffer received = connection.received();
    while (!received.hasRemaining()) {
      if (!connection.receive()) {
        throw connection.closed("it closed the connection in a chunked body");
      }
    }
    return received.get();
  }
}
