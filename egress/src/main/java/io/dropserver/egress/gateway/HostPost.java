package io.dropserver.egress.gateway;

import io.dropserver.base.http1.HeadEncoder;
import io.dropserver.base.http1.HeadReader;
import io.dropserver.egress.Destination;
import io.dropserver.egress.DestinationException;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Sends a request of the server itself to a URL that a person chose. The addresses are checked like
 * those of apps: public, unless the operator opened them, and never an address or a name of this
 * instance. Thread-safe.
 */
record HostPost(Connector connector) {
  private static final int MAX_HEAD_BYTES = 16 << 10;
  private static final Duration TIME = Duration.ofSeconds(20);

  /** Charged for name lookups. No appspace can have this name. */
  private static final String CALLER = ".notifications";

  /**
   * Posts a body, and reads the head of the response only. Follows no redirect.
   *
   * @return the status
   * @throws IOException when there is no response within twenty seconds, with a sentence that
   *     contains neither path nor query
   */
  int post(String url, Map<String, String> headers, byte[] body) throws IOException {
    AtomicReference<@Nullable Socket> open = new AtomicReference<>();
    CountDownLatch done = new CountDownLatch(1);
    long end = System.nanoTime() + TIME.toNanos();
    var _ = Thread.ofVirtual().name("notification-deadline").start(() -> closeLate(open, done));
    try {
      Destination destination = Destination.parse(url);
      try (BufferedConnection connection = connector.connect(CALLER, destination, end, open::set)) {
        connection.setIdleTimeout(TIME);
        connection.write(head(destination, headers, body.length));
        connection.write(ByteBuffer.wrap(body));
        connection.flush();
        return new HeadReader(connection, MAX_HEAD_BYTES).finalResponse("POST", false).status();
      }
    } catch (RefusedException e) {
      throw new IOException(e.refusal().sentence(), e);
    } catch (DestinationException e) {
      throw new IOException("the URL cannot be used", e);
    } finally {
      done.countDown();
    }
  }

  private static ByteBuffer head(Destination destination, Map<String, String> headers, int length) {
    String query = destination.query().map(text -> "?" + text).orElse("");
    HeadEncoder head =
        new HeadEncoder(MAX_HEAD_BYTES)
            .request("POST", destination.path() + query)
            .field("Host", destination.hostHeader())
            .field("User-Agent", "Dropserver");
    headers.forEach(head::field);
    return head.field("Content-Length", Integer.toString(length))
        .field("Connection", "close")
        .end();
  }

  /** Closes the connection at the deadline. Idle timeouts alone do not limit slow responses. */
  private static void closeLate(AtomicReference<@Nullable Socket> open, CountDownLatch done) {
    try {
      if (!done.await(TIME.toNanos(), TimeUnit.NANOSECONDS)) {
        Socket late = open.get();
        if (late != null) {
          late.close();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      // It is closed.
    }
  }
}
