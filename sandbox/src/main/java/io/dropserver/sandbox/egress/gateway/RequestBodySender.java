package io.dropserver.sandbox.egress.gateway;

import io.dropserver.sandbox.egress.http.Body;
import io.dropserver.sandbox.egress.http.BodyCopy;
import io.dropserver.sandbox.egress.http.BufferedConnection;
import java.io.IOException;
import java.time.Duration;

/**
 * Sends a request's body while the response is read. The response may arrive before the body is
 * complete.
 */
final class RequestBodySender {
  private static final int MAX_DRAINED = 16 << 10;

  private static final Duration DRAIN = Duration.ofSeconds(2);

  private static final Duration A_MOMENT = Duration.ofMillis(2);

  private final Thread thread;
  private volatile boolean succeeded;

  private RequestBodySender(
      BufferedConnection app, Body body, BufferedConnection upstream, BodyCopy.Meter meter) {
    thread =
        Thread.ofVirtual()
            .name("egress-request-body")
            .start(
                () -> {
                  try {
                    BodyCopy.copy(app, body, upstream, meter);
                    succeeded = true;
                  } catch (IOException e) {
                    // Either the app disconnected or sent a malformed body, and the request must
                    // not look complete. Or the destination stopped reading, and may have sent a
                    // response with the reason.
                    stop(upstream);
                  }
                });
  }

  private static void stop(BufferedConnection upstream) {
    // Leaves a short time to read a response that the destination may have sent.
    upstream.setIdleTimeout(Duration.ofSeconds(1));
  }

  static RequestBodySender send(
      BufferedConnection app, Body body, BufferedConnection upstream, BodyCopy.Meter meter) {
    return new RequestBodySender(app, body, upstream, meter);
  }

  /** Whether the body was sent or given up. Waits briefly, because responses can arrive quickly. */
  boolean isDone() {
    try {
      return thread.join(A_MOMENT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  boolean succeeded() {
    return succeeded;
  }

  /** Reads the start of a refused body, because an app may send it before it reads the response. */
  static void drain(BufferedConnection app, Body body, EgressAccount account) {
    app.setIdleTimeout(DRAIN);
    long end = System.nanoTime() + DRAIN.toNanos();
    long begin = app.received();
    try {
      BodyCopy.skip(
          app,
          body,
          moved -> {
            long _ = account.chargeBytes(moved); // no pause: the connection is closed next
            if (app.received() - begin > MAX_DRAINED || System.nanoTime() - end > 0) {
              throw new IOException("the rest of the body is not read");
            }
          });
    } catch (IOException ended) {
      // The connection is closed next.
    }
  }
}
