package io.dropserver.web.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * A client connection that is read for at most one time slice before it returns to the selector,
 * behind all others. Without this limit, a client that constantly sends data, such as empty lines
 * or tiny frames, would occupy a carrier thread.
 */
final class FairEndPoint extends SocketChannelEndPoint {
  private static final long SLICE_NANOS = 500_000;

  /**
   * The time at which the current time slice began, as {@link System#nanoTime}; 0 until the first
   * read after the selector has reported the connection.
   */
  private volatile long sliceStart;

  FairEndPoint(
      SocketChannel channel, ManagedSelector selector, SelectionKey key, Scheduler scheduler) {
    super(channel, selector, key, scheduler);
  }

  /** Reads from the client. Returns 0 when the time slice is over, as if no data were available. */
  @Override
  public int fill(ByteBuffer buffer) throws IOException {
    long now = System.nanoTime() | 1; // never 0
    if (sliceStart == 0) {
      sliceStart = now;
    } else if (now - sliceStart > SLICE_NANOS) {
      return 0;
    }
    return super.fill(buffer);
  }

  @Override
  protected void needsFillInterest() {
    sliceStart = 0;
    super.needsFillInterest();
  }
}
