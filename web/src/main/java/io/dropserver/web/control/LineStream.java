package io.dropserver.web.control;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Writes lines to one client, and flushes each line. It detects that the client has disconnected at
 * the next line or heartbeat. Thread-safe.
 */
final class LineStream {
  private static final Duration HEARTBEAT = Duration.ofSeconds(2);

  private final OutputStream out; // guarded by this

  LineStream(OutputStream out) {
    this.out = out;
  }

  /**
   * Writes and flushes one line.
   *
   * @throws ClientDisconnected when the client has disconnected
   */
  synchronized void write(String line) {
    try {
      out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      out.flush();
    } catch (IOException e) {
      throw new ClientDisconnected(e);
    }
  }

  synchronized void end() throws IOException {
    out.close();
  }

  /**
   * Starts to write an empty line every 2 s, and interrupts the calling thread when the client has
   * disconnected. The caller closes the heartbeat to stop it.
   */
  Heartbeat heartbeat() {
    Thread writer = Thread.currentThread();
    Thread beat = Thread.ofVirtual().name("control-heartbeat").start(() -> sendHeartbeats(writer));
    return () -> {
      beat.interrupt();
      try {
        beat.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    };
  }

  private void sendHeartbeats(Thread writer) {
    try {
      while (true) {
        Thread.sleep(HEARTBEAT);
        write("");
      }
    } catch (InterruptedException e) {
      // The heartbeat was closed.
    } catch (ClientDisconnected e) {
      writer.interrupt();
    }
  }

  interface Heartbeat extends AutoCloseable {
    @Override
    void close();
  }

  static final class ClientDisconnected extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ClientDisconnected(IOException cause) {
      super("the client that reads the log has disconnected", cause);
    }
  }
}
