package io.dropserver.sandbox.egress.http;

import java.io.EOFException;
import java.io.IOException;
import java.util.Locale;

/**
 * Copies a body piece by piece and replaces its framing. The slower side throttles the faster one.
 * A body without a length is written in chunks. Data that arrives together becomes a single chunk,
 * so that many tiny chunks cost little.
 */
public final class BodyCopy {
  private static final int MAX_LINE = 256;
  private static final int MAX_TRAILERS = 16 << 10;
  private static final int CHUNK_SIZE = 8 << 10;

  private final BufferedConnection from;
  private final BufferedConnection to;
  private final Meter meter;
  private final Mask mask;
  private byte[] chunk = {}; // data of the next chunk to write
  private int length; // the number of bytes in joined
  private int moved; // not yet reported to the meter

  /** Receives the size of each piece. May throw to end the copy. */
  @FunctionalInterface
  public interface Meter {
    void moved(int bytes) throws IOException;
  }

  private BodyCopy(BufferedConnection from, BufferedConnection to, Meter meter, Mask mask) {
    this.from = from;
    this.to = to;
    this.meter = meter;
    this.mask = mask;
  }

  /** Returns when the whole body is written and flushed. */
  public static void copy(BufferedConnection from, Body body, BufferedConnection to, Meter meter)
      throws IOException {
    copy(from, body, to, meter, Mask.NONE);
  }

  /**
   * @param mask a new one for each body
   */
  public static void copy(
      BufferedConnection from, Body body, BufferedConnection to, Meter meter, Mask mask)
      throws IOException {
    BodyCopy copy = new BodyCopy(from, to, meter, mask);
    switch (body.framing()) {
      case NONE -> {}
      case LENGTH -> copy.sized(body.length());
      case CHUNKED -> copy.chunked();
      case UNTIL_CLOSE -> copy.untilClose();
    }
    to.flush();
  }

  /** Reads and discards a body. */
  public static void skip(BufferedConnection from, Body body, Meter meter) throws IOException {
    copy(from, body, BufferedConnection.discarding(), meter);
  }

  /** Copies everything until the end of the stream, after a 101 response. */
  public static void copyToEnd(
      BufferedConnection from, BufferedConnection to, Meter meter, Mask mask) throws IOException {
    BodyCopy copy = new BodyCopy(from, to, meter, mask);
    while (copy.ensureInput()) {
      copy.move(Long.MAX_VALUE);
    }
    copy.flushMask();
    to.flush();
  }

  /** Flushes all pending output before it waits for more input. */
  private boolean ensureInput() throws IOException {
    if (!from.hasBuffered()) {
      endChunk();
      to.flush();
    }
    return from.fill();
  }

  private void sized(long length) throws IOException {
    long remaining = length;
    while (remaining > 0) {
      require(ensureInput());
      remaining -= move(remaining);
    }
    flushMask();
  }

  /** Moves buffered bytes without chunking, at most {@code maximum}. */
  private int move(long maximum) throws IOException {
    int moved;
    if (mask.isNone()) {
      moved = from.moveTo(to, maximum);
    } else {
      moved = (int) Math.min(maximum, from.available());
      byte[] passed = from.moveTo(mask, moved);
      to.write(passed, 0, passed.length);
    }
    meter.moved(moved);
    return moved;
  }

  private void flushMask() throws IOException {
    byte[] rest = mask.remaining();
    to.write(rest, 0, rest.length);
  }

  private static void require(boolean more) throws EOFException {
    if (!more) {
      throw new EOFException("the connection ended in a body");
    }
  }

  private void chunked() throws IOException {
    chunk = new byte[CHUNK_SIZE];
    for (long size = chunkSize(); size > 0; size = chunkSize()) {
      long remaining = size;
      while (remaining > 0) {
        require(ensureInput());
        remaining -= piece(remaining);
      }
      expect('\r');
      expect('\n');
    }
    skipTrailers();
    end();
  }

  private void untilClose() throws IOException {
    chunk = new byte[CHUNK_SIZE];
    while (ensureInput()) {
      piece(Long.MAX_VALUE);
    }
    end();
  }

  private void end() throws IOException {
    join(mask.remaining());
    endChunk();
    to.write("0\r\n\r\n");
  }

  /** Adds buffered bytes to the next chunk, at most {@code maximum}. */
  private int piece(long maximum) throws IOException {
    int size;
    if (mask.isNone()) {
      if (length == CHUNK_SIZE) {
        endChunk();
      }
      size = from.take(chunk, length, (int) Math.min(maximum, CHUNK_SIZE - length));
      length += size;
    } else {
      size = (int) Math.min(maximum, from.available());
      join(from.moveTo(mask, size));
    }
    moved += size;
    return size;
  }

  private void join(byte[] bytes) throws IOException {
    for (int from = 0; from < bytes.length; ) {
      if (length == CHUNK_SIZE) {
        endChunk();
      }
      int size = Math.min(bytes.length - from, CHUNK_SIZE - length);
      System.arraycopy(bytes, from, chunk, length, size);
      length += size;
      from += size;
    }
  }

  /** Skips empty chunks, because a chunk of no bytes would end the body. */
  private void endChunk() throws IOException {
    if (length > 0) {
      to.write(Integer.toHexString(length).toUpperCase(Locale.ROOT) + "\r\n");
      to.write(chunk, 0, length);
      to.write("\r\n");
      length = 0;
    }
    if (moved > 0) {
      int size = moved;
      moved = 0;
      meter.moved(size);
    }
  }

  private int next() throws IOException {
    require(ensureInput());
    return from.read();
  }

  private long chunkSize() throws IOException {
    long size = 0;
    int digits = 0;
    for (int i = 0; i < MAX_LINE; i++) {
      int b = next();
      int digit = Character.digit(b, 16);
      if (digit >= 0 && digits == i) {
        size = size * 16 + digit;
        digits++;
        if (digits > 15) {
          throw new MessageException("a chunk's size is too large");
        }
      } else if (digits == 0) {
        throw new MessageException("a chunk has no size");
      } else if (b == '\r') {
        expect('\n');
        return size;
      } else if (b == '\n') {
        throw new MessageException("a chunk's line does not end in CRLF");
      } else if (digits == i && b != ';') {
        throw new MessageException("a chunk's size is not a number");
      }
    }
    throw new MessageException("a chunk's line is too long");
  }

  /** Drops trailers, so that they cannot change a head that has been checked. */
  private void skipTrailers() throws IOException {
    int line = 0;
    for (int i = 0; i < MAX_TRAILERS; i++) {
      int b = next();
      if (b == '\r') {
        expect('\n');
        if (line == 0) {
          return;
        }
        line = 0;
      } else if (b == '\n') {
        throw new MessageException("a trailer does not end in CRLF");
      } else {
        line++;
      }
    }
    throw new MessageException("too many trailers");
  }

  private void expect(char wanted) throws IOException {
    if (next() != wanted) {
      throw new MessageException("a chunk does not end after its declared size");
    }
  }
}
