package io.dropserver.base.http1;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** Receives the bytes of a stream. */
public final class StreamSource implements ByteSource {
  private static final int BUFFER_BYTES = 8 << 10;

  private final InputStream in;
  private final ByteBuffer received;

  private StreamSource(InputStream in, int bufferBytes) {
    this.in = in;
    this.received = ByteBuffer.allocate(bufferBytes).limit(0);
  }

  public static StreamSource of(InputStream in) {
    return new StreamSource(in, BUFFER_BYTES);
  }

  /** Receives single bytes, so that what follows a head remains in the stream. */
  public static StreamSource ofSingleBytes(InputStream in) {
    return new StreamSource(in, 1);
  }

  @Override
  public ByteBuffer received() {
    return received;
  }

  @Override
  public boolean receive() throws IOException {
    int read = in.read(received.array());
    received.position(0).limit(Math.max(read, 0));
    return read > 0;
  }
}
