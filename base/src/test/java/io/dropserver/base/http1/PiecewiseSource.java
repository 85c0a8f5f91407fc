package io.dropserver.base.http1;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** A peer that sends bytes in given pieces. What a reader must not use any more is overwritten. */
final class PiecewiseSource implements ByteSource {
  private final byte[] bytes;
  private final int[] cuts;
  private final ByteBuffer received;
  private int next; // the cut at the end of the next piece
  private int sent;

  /**
   * @param cuts positions at which pieces end; others than those within the bytes are ignored
   */
  PiecewiseSource(byte[] bytes, List<Integer> cuts, boolean direct) {
    this.bytes = bytes;
    this.cuts =
        IntStream.concat(cuts.stream().mapToInt(Integer::intValue), IntStream.of(bytes.length))
            .filter(cut -> cut > 0 && cut <= bytes.length)
            .sorted()
            .distinct()
            .toArray();
    received = direct ? ByteBuffer.allocateDirect(bytes.length) : ByteBuffer.allocate(bytes.length);
    received.limit(0);
  }

  static PiecewiseSource whole(byte[] bytes) {
    return new PiecewiseSource(bytes, List.of(), false);
  }

  @Override
  public ByteBuffer received() {
    return received;
  }

  @Override
  public boolean receive() {
    if (received.hasRemaining()) {
      throw new IllegalStateException("received bytes have not been consumed");
    }
    for (int i = 0; i < received.limit(); i++) {
      received.put(i, (byte) '#');
    }
    received.clear();
    if (next == cuts.length) {
      received.limit(0);
      return false;
    }
    received.put(Arrays.copyOfRange(bytes, sent, cuts[next])).flip();
    sent = cuts[next++];
    return true;
  }

  /** The number of bytes that were consumed. */
  int consumed() {
    return sent - received.remaining();
  }
}
