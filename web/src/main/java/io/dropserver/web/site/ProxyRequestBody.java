package io.dropserver.web.site;

import io.dropserver.web.access.AccessEndedException;
import io.dropserver.web.access.OpenExchange;
import io.dropserver.web.upstream.UpstreamConnection;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request to an app. A short body is read completely before a sandbox is leased, so
 * that a slow client cannot occupy the sandbox. A body that is longer than 64 KiB or has no
 * declared length is streamed, and so is a short body when the client's memory budget is exhausted.
 * Not thread-safe.
 */
final class ProxyRequestBody {
  private static final int WHOLE_BYTES = 64 << 10;
  private static final int HTTP_2 = 20; // in Jetty's numbering of versions

  private final Request request;
  private final OpenExchange open;
  private final long limit;
  private final RateFloor floor;
  private final long length; // -1 when unknown, so that it is sent in chunks
  private final ByteBuffer whole;
  private final boolean streamed;
  private final long beganNanos = System.nanoTime();

  /** The chunk that was read to determine whether the request has a body. */
  private Content.@Nullable Chunk first;

  private ProxyRequestBody(
      ProxyExchange proxyExchange,
      FrontDoorLimits limits,
      long limit,
      long length,
      Content.@Nullable Chunk first)
      throws IOException {
    this.request = proxyExchange.request();
    this.open = proxyExchange.open();
    this.first = first;
    this.limit = limit;
    this.floor = new RateFloor(limits.bytesPerSecond(), limits.uploadTime(limit));
    this.length = length;
    this.streamed = length < 0 || length > WHOLE_BYTES || !proxyExchange.memory().grow(length);
    this.whole = streamed ? ByteBuffer.allocate(0) : readWhole((int) length);
  }

  /**
   * Prepares the body of a request, and reads it completely if it is short. The request's memory
   * claim then grows by the length of the body.
   *
   * @throws TooLarge when the declared length exceeds the limit of the appspace or of the server
   * @throws IncompleteBody when the client disconnects or is too slow
   * @throws AccessEndedException when the right of the exchange ends meanwhile
   */
  static ProxyRequestBody of(ProxyExchange proxyExchange, FrontDoorLimits limits)
      throws IOException {
    Request request = proxyExchange.request();
    long limit = Math.min(limits.bodyBytes(), proxyExchange.route().site().requestBodyBytes());
    HttpFields headers = request.getHeaders();
    long length = headers.getLongField(HttpHeader.CONTENT_LENGTH);
    if (length > limit) {
      throw new TooLarge(limit);
    }
    if (length >= 0 || headers.contains(HttpHeader.TRANSFER_ENCODING)) {
      return new ProxyRequestBody(proxyExchange, limits, limit, length, null);
    }
    if (request.getConnectionMetaData().getHttpVersion().getVersion() < HTTP_2) {
      return new ProxyRequestBody(proxyExchange, limits, limit, 0, null);
    }
    // HTTP/2 bodies need no declared length; only the end of the stream shows whether there is a
    // body.
    Content.Chunk first = request.read();
    boolean none = first != null && first.isLast() && !first.hasRemaining();
    return new ProxyRequestBody(proxyExchange, limits, limit, none ? 0 : -1, none ? null : first);
  }

  /** Thrown when the body exceeds the limit. The rest of the body is not read. */
  static final class TooLarge extends IOException {
    private static final long serialVersionUID = 1L;

    private final long limit;

    /**
     * @param limit in bytes
     */
    TooLarge(long limit) {
      super("the request's body is larger than the front door accepts");
      this.limit = limit;
    }

    long limit() {
      return limit;
    }
  }

  /** Thrown when the client disconnects, is too slow, or sends another length than it declared. */
  static final class IncompleteBody extends IOException {
    private static final long serialVersionUID = 1L;

    private final int status;

    /**
     * @param status the status of the response, if the client can still receive one
     * @param message for a 408, why the request was stopped: the page of the visitor shows it
     */
    IncompleteBody(int status, String message, @Nullable Throwable cause) {
      super(message, cause);
      this.status = status;
    }

    int status() {
      return status;
    }
  }

  boolean isEmpty() {
    return length == 0;
  }

  boolean isStreamed() {
    return streamed;
  }

  /** Returns the complete body; empty when it is streamed. */
  ByteBuffer whole() {
    return whole.duplicate();
  }

  /** Adds the headers that frame the body. */
  void addFramingHeaders(HttpFields.Mutable headers) {
    if (length < 0) {
      headers.put(HttpHeader.TRANSFER_ENCODING, "chunked");
    } else if (length > 0 || request.getHeaders().contains(HttpHeader.CONTENT_LENGTH)) {
      headers.put(HttpHeader.CONTENT_LENGTH, length);
    }
  }

  /**
   * Streams the body to its end.
   *
   * @param timeout the time in which the app must accept each piece
   */
  void stream(UpstreamConnection upstream, Duration timeout) throws IOException {
    BodyCoalescer parts = new BodyCoalescer(upstream, timeout, length < 0);
    long bytes = 0;
    boolean last = false;
    while (!last) {
      Content.@Nullable Chunk chunk = available();
      if (chunk == null) {
        parts.flush();
        chunk = read();
      }
      try {
        floor.checkDuration(System.nanoTime() - beganNanos);
        bytes += chunk.remaining();
        if (bytes > limit) {
          throw new TooLarge(limit);
        }
        last = chunk.isLast();
        checkLength(bytes, last);
        parts.add(chunk.getByteBuffer());
      } finally {
        chunk.release();
      }
    }
    parts.end();
  }

  /**
   * Checks the declared length, which HTTP/2 framing does not enforce. Otherwise the rest of this
   * body could be smuggled to the app as the next request on its connection.
   */
  private void checkLength(long bytes, boolean last) throws IOException {
    if (length >= 0 && (bytes > length || (last && bytes < length))) {
      throw new IncompleteBody(400, "the client's body does not have its declared length", null);
    }
  }

  private ByteBuffer readWhole(int size) throws IOException {
    ByteBuffer all = ByteBuffer.allocate(size);
    while (all.hasRemaining()) {
      Content.Chunk chunk = read();
      try {
        checkLength((long) all.position() + chunk.remaining(), chunk.isLast());
        all.put(chunk.getByteBuffer());
      } finally {
        chunk.release();
      }
    }
    return all.flip();
  }

  private Content.Chunk read() throws IOException {
    long start = System.nanoTime();
    while (true) {
      Content.@Nullable Chunk chunk = available();
      if (chunk != null) {
        long now = System.nanoTime();
        floor.add(now - start, chunk.remaining());
        floor.checkDuration(now - beganNanos);
        return chunk;
      }
      await();
    }
  }

  /** Returns the available chunk, or null when the caller must wait. */
  private Content.@Nullable Chunk available() throws IOException {
    Content.@Nullable Chunk chunk = first == null ? request.read() : first;
    first = null;
    if (chunk != null && Content.Chunk.isFailure(chunk)) {
      throw new IncompleteBody(400, "the client's body is incomplete", chunk.getFailure());
    }
    return chunk;
  }

  /**
   * Waits for the next chunk, or for the end of the right of the exchange. Jetty's Blocker would
   * log a warning for each interrupted wait, and every early response interrupts one.
   */
  private void await() throws IOException {
    CountDownLatch there = new CountDownLatch(1);
    request.demand(there::countDown);
    try (var _ = open.onEnd(there::countDown)) {
      there.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the exchange ended before the client's body");
    }
    open.check();
  }
}
