package io.dropserver.web.hook;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import javax.crypto.Mac;

/**
 * Computes MACs of a body while it is streamed. Readers of single bytes buffer it, so that bytes
 * are not hashed one by one. Not thread-safe.
 */
final class SignedBody extends FilterInputStream {
  private final List<Mac> macs;

  SignedBody(InputStream body, List<Mac> macs) {
    super(body);
    this.macs = macs;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    int count = super.read(to, offset, length);
    if (count > 0) {
      macs.forEach(mac -> mac.update(to, offset, count));
    }
    return count;
  }

  @Override
  public long skip(long count) {
    throw new UnsupportedOperationException("a signature covers every byte");
  }
}
