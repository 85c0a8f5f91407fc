package io.dropserver.sandbox.egress.gateway;

import io.dropserver.sandbox.egress.http.Body;
import io.dropserver.sandbox.egress.http.BodyCopy;
import io.dropserver.sandbox.egress.http.Wire;
import java.io.IOException;
import java.time.Duration;

/** A request's body on its way, beside the answer that may come before it is through. */
final class RequestBody {
  private static final int MAX_DRAINED = 16 << 10;

  private static final Duration DRAIN = Duration.ofSeconds(2);

  private static final Duration A_MOMENT = Duration.ofMillis(2);

  private final Thread thread;
  private volatile boolean succeeded;

  private RequestBody(Wire app, Body body, Wire upstream, BodyCopy.Meter meter) {
    thread =
        Thread.ofVirtual()
            .name("egress-request-body")
            .start(
                () -> {
                  try {
                    BodyCopy.copy(app, body, upstream, meter);
                    succeeded = true;
                  } catch (IOException e) {
                    // The app is gone or broke the framing, and the request must not look whole; or
                    // the destination wants no more, and has perhaps answered why.
                    stop(upstream);
                  }
                });
  }

  private static void stop(Wire upstream) {
    // Its answer, if it sent one, may still be read for a moment.
    upstream.patience(Duration.ofSeconds(1));
  }

  static RequestBody send(Wire app, Body body, Wire upstream, BodyCopy.Meter meter) {
    return new RequestBody(app, body, upstream, meter);
  }

  /** Whether all was sent, or given up; waits for a moment, since answers come quickly. */
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

  /** Reads the beginning of a refused body, which an app may be sending before it reads. */
  static void drain(Wire app, Body body, EgressAccount account) {
    app.patience(DRAIN);
    long end = System.nanoTime() + DRAIN.toNanos();
    long begin = app.received();
    try {
      BodyCopy.skip(
          app,
          body,
          moved -> {
            long _ = account.chargeBytes(moved); // the connection is closed next
            if (app.received() - begin > MAX_DRAINED || System.nanoTime() - end > 0) {
              throw new IOException("not drained any longer");
            }
          });
    } catch (IOException ended) {
      // The connection is closed next.
    }
  }
}
