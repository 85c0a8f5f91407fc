package io.dropserver.egress.gateway;

import io.dropserver.base.http1.Body;
import io.dropserver.base.http1.Body.Framing;
import io.dropserver.base.http1.BodyReader;
import io.dropserver.base.http1.ByteSource;
import io.dropserver.base.http1.ChunkEncoder;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Copies a body piece by piece, with backpressure, and replaces its framing. A body without a
 * length is written in chunks. All output is flushed before more input is awaited.
 *
 * @param mask a new one for each body
 */
record BodyCopy(BufferedConnection from, BufferedConnection to, Meter meter, Mask mask) {
  /** Receives the size of each piece. May throw to end the copy. */
  @FunctionalInterface
  interface Meter {
    void moved(int bytes) throws IOException;
  }

  /** Copies the whole body and flushes it. */
  void copy(Body body) throws IOException {
    copy(body, body.framing() == Framing.CHUNKED || body.framing() == Framing.UNTIL_CLOSE);
  }

  /** Copies everything until the end of the stream, after a 101 response. */
  void copyToEnd() throws IOException {
    copy(Body.UNTIL_CLOSE, false);
  }

  private void copy(Body body, boolean chunked) throws IOException {
    BodyReader reader = new BodyReader(new FlushingSource(), body);
    while (!reader.isComplete()) {
      ByteBuffer piece = reader.next();
      int size = piece.remaining();
      write(mask.pass(piece), chunked);
      meter.moved(size);
    }
    write(mask.remaining(), chunked);
    if (chunked) {
      to.write(ChunkEncoder.lastChunk());
    }
    to.flush();
  }

  private void write(ByteBuffer piece, boolean chunked) throws IOException {
    if (!chunked) {
      to.write(piece);
    } else if (piece.hasRemaining()) {
      for (ByteBuffer part : ChunkEncoder.chunk(piece)) {
        to.write(part);
      }
    }
  }

  private final class FlushingSource implements ByteSource {
    @Override
    public ByteBuffer received() {
      return from.received();
    }

    @Override
    public boolean receive() throws IOException {
      to.flush();
      return from.receive();
    }
  }
}
