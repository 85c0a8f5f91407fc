package io.dropserver.web.control;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Lines to one reader, each sent at once. A reader that left is noticed at the next line or
 * heartbeat. Safe for use by several threads.
 */
final class LineStream {
  private static final Duration HEARTBEAT = Duration.ofSeconds(2);

  private final OutputStream out; // guarded by this

  LineStream(OutputStream out) {
    this.out = out;
  }

  /**
   * @throws ReaderGone when the reader has left
   */
  synchronized void write(String line) {
    try {
      out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      out.flush();
    } catch (IOException e) {
      throw new ReaderGone(e);
    }
  }

  synchronized void end() throws IOException {
    out.close();
  }

  /** Interrupts the calling thread once the reader has left, until it is closed. */
  Heartbeat heartbeat() {
    Thread writer = Thread.currentThread();
    Thread beat = Thread.ofVirtual().name("control-heartbeat").start(() -> beat(writer));
    return () -> {
      beat.interrupt();
      try {
        beat.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    };
  }

  private void beat(Thread writer) {
    try {
      while (true) {
        Thread.sleep(HEARTBEAT);
        write("");
      }
    } catch (InterruptedException e) {
      // The log has ended before its reader left: nothing to do.
    } catch (ReaderGone e) {
      writer.interrupt();
    }
  }

  interface Heartbeat extends AutoCloseable {
    @Override
    void close();
  }

  static final class ReaderGone extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ReaderGone(IOException cause) {
      super("the reader of the log has left", cause);
    }
  }
}
