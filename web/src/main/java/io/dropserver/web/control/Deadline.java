package io.dropserver.web.control;

import java.io.IOException;
import java.nio.channels.Channel;
import java.time.Duration;

/**
 * Closes a blocking channel after a timeout, because such a channel has no timeout. {@link #close}
 * cancels the deadline. Thread-safe.
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
      // The deadline was cancelled, or closing the channel failed. After such a failure, the
      // reader's next read fails too.
    }
  }
}
