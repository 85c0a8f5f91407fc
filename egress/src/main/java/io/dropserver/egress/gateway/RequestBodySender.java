package io.dropserver.egress.gateway;

import io.dropserver.base.concurrent.Threads;
import io.dropserver.base.http1.Body;
import io.dropserver.base.http1.BodyReader;
import io.dropserver.base.http1.ByteSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * Sends a request's body on its own thread, because the response may arrive before the body is
 * complete.
 */
final class RequestBodySender {
  private static final int MAX_DRAINED = 16 << 10;

  private static final Duration DRAIN = Duration.ofSeconds(2);

  private static final Duration A_MOMENT = Duration.ofMillis(2);

  private final Thread thread;
  private volatile boolean succeeded;

  /** Starts to send the body. */
  RequestBodySender(
      BufferedConnection app, Body body, BufferedConnection upstream, BodyCopy.Meter meter) {
    thread =
        Thread.ofVirtual()
            .name("egress-request-body")
            .start(
                () -> {
                  try {
                    new BodyCopy(app, upstream, meter, Mask.NONE).copy(body);
                    succeeded = true;
                  } catch (IOException e) {
                    // There are two causes. If the app disconnected or sent a malformed body, the
                    // request must not look complete. If the destination stopped reading, it may
                    // have sent a response with the reason. The timeout leaves a short time to read
                    // it.
                    upstream.setIdleTimeout(Duration.ofSeconds(1));
                  }
                });
  }

  boolean isDone() {
    return Threads.join(thread, A_MOMENT);
  }

  boolean succeeded() {
    return succeeded;
  }

  /** Reads the start of a refused body, because an app may send it before it reads the response. */
  static void drain(BufferedConnection app, Body body, EgressAccount account) {
    app.setIdleTimeout(DRAIN);
    BodyReader reader = new BodyReader(new DrainedSource(app), body);
    try {
      while (!reader.isComplete()) {
        long _ = account.chargeBytes(reader.next().remaining()); // no pause
      }
    } catch (IOException ended) {
      // The connection is closed next.
    }
  }

  /**
   * Ends after {@link #MAX_DRAINED} bytes or after {@link #DRAIN}, even within a chunk's size line
   * or trailers.
   */
  private static final class DrainedSource implements ByteSource {
    private final BufferedConnection app;
    private final long begin;
    private final long end = System.nanoTime() + DRAIN.toNanos();

    DrainedSource(BufferedConnection app) {
      this.app = app;
      this.begin = app.receivedBytes();
    }

    @Override
    public ByteBuffer received() {
      return app.received();
    }

    @Override
    public boolean receive() throws IOException {
      return app.receivedBytes() - begin <= MAX_DRAINED
          && System.nanoTime() - end < 0
          && app.receive();
    }
  }
}
