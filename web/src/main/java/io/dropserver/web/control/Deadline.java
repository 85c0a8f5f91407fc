package io.dropserver.web.control;

import java.io.IOException;
import java.nio.channels.Channel;
import java.time.Duration;

/**
 * Closes a channel when its time is up, because a blocking channel has no time-out of its own.
 * Ended by {@link #close}.
 */
final class Deadline implements AutoCloseable {
  private final Thread watch;
  private volatile boolean passed;

  Deadline(Channel channel, Duration patience) {
    watch = Thread.ofVirtual().start(() -> await(channel, patience));
  }

  boolean passed() {
    return passed;
  }

  @Override
  public void close() {
    watch.interrupt();
  }

  private void await(Channel channel, Duration patience) {
    try {
      Thread.sleep(patience);
      passed = true;
      channel.close();
    } catch (InterruptedException | IOException ended) {
      // In time; or closed by the other side, which the reader sees too.
    }
  }
}
