package io.dropserver.web.site;

import io.dropserver.web.upstream.UpstreamConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * Joins what is there of a client's body before it is written to the app, so that a client which
 * sends tiny chunks or frames does not cost a write for each of them. One thread.
 */
final class BodyParts {
  private static final int BYTES = 16 << 10;

  /** So many tiny ones take Jetty about a time slice. */
  private static final int MAX_PIECES = 256;

  /** What Jetty takes for one. */
  private static final long PIECE_NANOS = 2_000;

  private final UpstreamConnection upstream;
  private final Duration patience;
  private final boolean chunked;
  private final ByteBuffer joined = ByteBuffer.allocate(BYTES);
  private int pieces;

  /**
   * @param patience of the app between two writes
   */
  BodyParts(UpstreamConnection upstream, Duration patience, boolean chunked) {
    this.upstream = upstream;
    this.patience = patience;
    this.chunked = chunked;
  }

  void add(ByteBuffer part) throws IOException {
    if (part.remaining() > joined.remaining() || pieces >= MAX_PIECES) {
      flush();
    }
    pieces++;
    if (part.remaining() > joined.remaining()) {
      write(part);
    } else {
      joined.put(part);
    }
  }

  /** Before the client is waited for. */
  void flush() throws IOException {
    if (pieces > 0) {
      write(joined.flip());
      joined.clear();
    }
  }

  void end() throws IOException {
    flush();
    if (chunked) {
      upstream.writeLastChunk();
    }
  }

  private void write(ByteBuffer bytes) throws IOException {
    upstream.allow(patience);
    if (chunked) {
      upstream.writeChunk(bytes, pieces * PIECE_NANOS);
    } else {
      upstream.write(bytes, pieces * PIECE_NANOS);
    }
    pieces = 0;
  }
}
