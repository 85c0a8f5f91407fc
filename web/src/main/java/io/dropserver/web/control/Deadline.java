package io.dropserver.web.control;

import java.io.IOException;
import java.nio.channels.Channel;
import java.time.Duration;

/**
 * Closes a channel after a timeout, because a blocking channel has none of its own. {@link #close}
 * cancels it.
 */
final class Deadline implements AutoCloseable {
  private final Thread watch;
  private volatile boolean passed;

  Deadline(Channel channel, Duration timeout) {
    watch = Thread.ofVirtual().start(() -> await(channel, timeout));
  }

  boolean passed() {
    return passed;
  }

  @Override
  public void close() {
    watch.interrupt();
  }

  private void await(Channel channel, Duration timeout) {
    try {
      Thread.sleep(timeout);
      passed = true;
      channel.close();
    } catch (InterruptedException | IOException ended) {
      // Either cancelled in time, or the channel failed to close; the reader of the channel sees
      // that too.
    }
  }
}
