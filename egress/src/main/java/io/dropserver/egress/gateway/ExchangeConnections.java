package io.dropserver.egress.gateway;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one exchange and their timeouts. The thread of the exchange opens them; the
 * timer thread and others may close them at any time. Thread-safe.
 */
final class ExchangeConnections {
  private final BufferedConnection app;
  private final EgressLimits limits;
  private final long endNanos;
  private volatile @Nullable Socket connecting;
  private volatile long connectEndNanos;
  private volatile @Nullable BufferedConnection upstream;
  private volatile boolean awaitsHead;
  private long headEndNanos; // used only by the timer thread; 0 until the request is sent
  private volatile boolean timedOut;
  private volatile boolean closed;
  private volatile @Nullable RequestBodySender requestBody;

  ExchangeConnections(BufferedConnection app, EgressLimits limits) {
    this.app = app;
    this.limits = limits;
    this.endNanos = after(limits.total());
  }

  private static long after(Duration time) {
    return System.nanoTime() + time.toNanos();
  }

  /**
   * Starts the timeout for connecting to the destination.
   *
   * @return its end, in the time of {@link System#nanoTime}
   */
  long beginConnecting() {
    long end = after(limits.connect());
    connectEndNanos = end;
    return end;
  }

  void onConnecting(Socket raw) throws IOException {
    connecting = raw;
    if (closed || timedOut) {
      throw new IOException("the app no longer waits for it");
    }
  }

  void endConnecting() {
    connecting = null;
  }

  void setUpstream(BufferedConnection established) throws IOException {
    upstream = established;
    if (closed) {
      established.close();
      throw new IOException("the connection was closed while it was established");
    }
  }

  /** Leaves the connection to the destination open when this exchange ends. */
  void detachUpstream() {
    upstream = null;
  }

  void setAwaitsHead(boolean awaits) {
    awaitsHead = awaits;
  }

  void setRequestBody(RequestBodySender sender) {
    requestBody = sender;
  }

  /** Returns the sender of the request's body; null before the body is sent. */
  @Nullable RequestBodySender requestBody() {
    return requestBody;
  }

  boolean isClosed() {
    return closed;
  }

  boolean hasTimedOut() {
    return timedOut;
  }

  void expire(long now) {
    Optional.ofNullable(upstream).ifPresent(connection -> connection.expire(now));
    if (now - endNanos > 0) {
      close();
    } else if ((connecting != null && now - connectEndNanos > 0) || isHeadLate(now)) {
      timedOut = true;
      release();
    }
  }

  /**
   * Returns whether the timeout of the response head has passed. It starts at the end of the
   * request's body, and partial data of the head does not extend it.
   */
  private boolean isHeadLate(long now) {
    RequestBodySender body = requestBody;
    if (!awaitsHead || (body != null && !body.succeeded())) {
      return false;
    }
    if (headEndNanos == 0) {
      headEndNanos = now + limits.responseHead().toNanos();
    }
    return now - headEndNanos > 0;
  }

  /** Closes the connections to the app and to the destination. */
  void close() {
    closed = true;
    app.close();
    release();
  }

  /** Closes the connection to the destination. */
  void release() {
    Optional.ofNullable(upstream).ifPresent(BufferedConnection::close);
    Socket socket = connecting;
    if (socket != null) {
      try {
        socket.close();
      } catch (IOException ignored) {
        // Nothing was sent on this socket.
      }
    }
  }
}
