package io.dropserver.base.http1;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** A decoded body as a stream. Not thread-safe. */
public final class BodyStream extends InputStream {
  private final BodyReader reader;
  private ByteBuffer piece = ByteBuffer.allocate(0);

  public BodyStream(ByteSource source, Body body) {
    reader = new BodyReader(source, body);
  }

  @Override
  public int read() throws IOException {
    return receive() ? piece.get() & 0xff : -1;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0 || !receive()) {
      return length == 0 ? 0 : -1;
    }
    int size = Math.min(length, piece.remaining());
    piece.get(bytes, offset, size);
    return size;
  }

  private boolean receive() throws IOException {
    if (!piece.hasRemaining()) {
      piece = reader.next();
    }
    return piece.hasRemaining();
  }
}
