package io.dropserver.reconciler.source;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/**
 * A response of a Git server, with a deadline and a limit of everything that JGit keeps in memory,
 * such as lists of references. Packs are not counted here: {@link BoundedRepository} limits them.
 *
 * <p>A response is a sequence of packets, see gitprotocol-common(5). Only in a fetch do packets
 * begin with the number of a side band, and band 1 carries the pack, see gitprotocol-pack(5).
 */
final class BoundedResponse extends FilterInputStream {
  /** A repository with a million references lists them in twice as much. */
  static final long MOST_BYTES = 32L << 20;

  private static final int HEADER_BYTES = 4;
  private static final int PACK_BAND = 1;

  private final long deadline;
  private final boolean packets;
  private long counted;

  /** What is left of the current packet, without its header. */
  private int left;

  /** The digits of the next header that were read, and their value. */
  private int digits;

  private int length;
  private boolean first;
  private boolean pack;
  private boolean raw;

  /**
   * @param packets whether the response consists of packets; otherwise, all bytes are counted
   * @param timeout for the whole response
   */
  BoundedResponse(InputStream in, boolean packets, Duration timeout) {
    super(in);
    this.packets = packets;
    this.deadline = System.nanoTime() + timeout.toNanos();
  }

  @Override
  public int read() throws IOException {
    int value = super.read();
    if (value >= 0) {
      byte[] one = {(byte) value};
      count(one, 0, 1);
    }
    return value;
  }

  @Override
  public int read(byte[] buffer, int offset, int size) throws IOException {
    int read = super.read(buffer, offset, size);
    count(buffer, offset, Math.max(0, read));
    return read;
  }

  private void count(byte[] buffer, int offset, int read) throws IOException {
    if (System.nanoTime() - deadline > 0) {
      throw new IOException("the remote did not end its response in time");
    }
    int at = offset;
    int end = offset + read;
    while (packets && !raw && at < end) {
      if (left == 0) {
        header(buffer[at]);
        at++;
      } else {
        int part = Math.min(left, end - at);
        if (first) {
          pack = buffer[at] == PACK_BAND;
          first = false;
        }
        add(pack ? 0 : part);
        left -= part;
        at += part;
      }
    }
    add(packets ? 0 : read);
  }

  /**
   * Without side bands, a pack follows without headers. JGit expects a packet or a pack at each
   * position, so what is not a header here is a pack or an error there.
   */
  private void header(byte digit) throws IOException {
    int value = Character.digit(digit, 16);
    if (value < 0) {
      raw = true;
      return;
    }
    length = length * 16 + value;
    digits++;
    if (digits == HEADER_BYTES) {
      left = Math.max(0, length - HEADER_BYTES);
      first = true;
      digits = 0;
      length = 0;
      add(HEADER_BYTES);
    }
  }

  private void add(int bytes) throws IOException {
    counted += bytes;
    if (counted > MOST_BYTES) {
      throw new IOException(
          "the remote sends more than "
              + (MOST_BYTES >> 20)
              + " MiB besides its objects; the transfer was stopped");
    }
  }

  /** Skipped bytes are counted as well. */
  @Override
  public long skip(long bytes) throws IOException {
    byte[] buffer = new byte[(int) Math.min(8192, Math.max(1, bytes))];
    return Math.max(0, read(buffer, 0, (int) Math.min(buffer.length, bytes)));
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
