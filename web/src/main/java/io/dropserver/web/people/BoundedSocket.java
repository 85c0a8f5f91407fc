package io.dropserver.web.people;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import org.jspecify.annotations.Nullable;

/** A connection that delivers a limited number of bytes. Not thread-safe, except for closing. */
final class BoundedSocket extends Socket {
  private final int limit;
  private @Nullable InputStream bounded;

  /**
   * @param limit in bytes, for the whole connection
   */
  BoundedSocket(int limit) {
    this.limit = limit;
  }

  @Override
  public InputStream getInputStream() throws IOException {
    InputStream known = bounded;
    if (known == null) {
      known = new Bounded(super.getInputStream(), limit);
      bounded = known;
    }
    return known;
  }

  private static final class Bounded extends FilterInputStream {
    private int left;

    Bounded(InputStream in, int limit) {
      super(in);
      left = limit;
    }

    @Override
    public int read() throws IOException {
      int value = super.read();
      take(value < 0 ? 0 : 1);
      return value;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int count = super.read(bytes, offset, length);
      take(Math.max(0, count));
      return count;
    }

    private void take(int count) throws IOException {
      left -= count;
      if (left < 0) {
        throw new IOException("the answers are too long");
      }
    }
  }
}
