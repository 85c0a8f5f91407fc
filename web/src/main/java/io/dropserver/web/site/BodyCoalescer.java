package io.dropserver.web.site;

import io.dropserver.web.upstream.UpstreamConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * Joins the available pieces of a client's body before writing them to the app, so that a client
 * that sends tiny chunks or frames does not cause one write for each. Not thread-safe.
 */
final class BodyCoalescer {
  private static final int BYTES = 16 << 10;

  /** The maximum number of pieces per write. Parsing them takes Jetty about one time slice. */
  private static final int MAX_PIECES = 256;

  /** An estimate of the time in which Jetty parses one piece. */
  private static final long PIECE_NANOS = 2_000;

  private final UpstreamConnection upstream;
  private final Duration timeout;
  private final boolean chunked;
  private final ByteBuffer joined = ByteBuffer.allocate(BYTES);
  private int pieces;

  /**
   * @param writeTimeout the time in which the app must accept each write
   */
  BodyCoalescer(UpstreamConnection upstream, Duration writeTimeout, boolean chunked) {
    this.upstream = upstream;
    this.timeout = writeTimeout;
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

  /** Writes the collected pieces. Call it before waiting for the client. */
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
    upstream.setTimeout(timeout);
    if (chunked) {
      upstream.writeChunk(bytes, pieces * PIECE_NANOS);
    } else {
      upstream.write(bytes, pieces * PIECE_NANOS);
    }
    pieces = 0;
  }
}
