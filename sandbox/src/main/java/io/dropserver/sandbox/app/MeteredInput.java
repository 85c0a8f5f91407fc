package io.dropserver.sandbox.app;

import static io.dropserver.state.condition.AppReason.PACKAGE_UNSAFE;

import io.dropserver.sandbox.SandboxException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Limits decompressed input, both to an allowance that the reader sets and to a maximum compression
 * ratio. Stops decompression bombs in headers, which the reader keeps in memory, and in entries
 * that are skipped rather than stored.
 */
final class MeteredInput extends FilterInputStream {
  /**
   * The maximum compression ratio. Text and code compress to a third or a fifth, long runs of one
   * byte to a thousandth.
   */
  private static final long RATIO = 100;

  /**
   * The number of bytes that are allowed whatever the ratio, for small packages of repetitive files
   * and for tar's padding.
   */
  private static final long ALWAYS_BYTES = 4L << 20;

  private final long ceiling;
  private long total;
  private long allowance;

  MeteredInput(InputStream in, long compressedSize) {
    super(in);
    this.ceiling = ALWAYS_BYTES + RATIO * compressedSize;
  }

  /** Replaces the rest of an earlier allowance. Adds room for tar's block padding. */
  void allow(long bytes) {
    allowance = Math.max(0, bytes) + 1024;
  }

  @Override
  public int read() throws IOException {
    int value = super.read();
    if (value >= 0) {
      count(1);
    }
    return value;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int read = super.read(buffer, offset, (int) Math.min(length, Math.max(1, allowance)));
    if (read > 0) {
      count(read);
    }
    return read;
  }

  @Override
  public long skip(long bytes) throws IOException {
    byte[] sink = new byte[(int) Math.min(8192, Math.max(1, bytes))];
    long skipped = 0;
    while (skipped < bytes) {
      int read = read(sink, 0, (int) Math.min(sink.length, bytes - skipped));
      if (read < 0) {
        break;
      }
      skipped += read;
    }
    return skipped;
  }

  /** Mark and reset would let the reader bypass the meter. */
  @Override
  public boolean markSupported() {
    return false;
  }

  private void count(int read) {
    total += read;
    allowance -= read;
    if (allowance < 0) {
      throw new SandboxException(
          PACKAGE_UNSAFE, "An entry of the package has an oversized header.");
    }
    if (total > ceiling) {
      throw new SandboxException(
          PACKAGE_UNSAFE,
          "The package expands to more than " + RATIO + " times its size when it is unpacked.");
    }
  }
}
