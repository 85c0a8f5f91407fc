package io.dropserver.web.site;

import io.dropserver.sandbox.budget.Budget;
import io.dropserver.web.client.ClientKey;
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
  private final long limit;
  private final RateFloor floor;
  private final long length; // -1 when unknown, so that it is sent in chunks
  private final ByteBuffer whole;
  private final boolean streamed;

  /** The chunk that was read to determine whether the request has a body. */
  private Content.@Nullable Chunk first;

  private ProxyRequestBody(
      Request request,
      FrontDoorLimits limits,
      long limit,
      long length,
      Content.@Nullable Chunk first,
      Budget<ClientKey>.Claim memory)
      throws IOException {
    this.request = request;
    this.first = first;
    this.limit = limit;
    this.floor = new RateFloor(limits.bytesPerSecond());
    this.length = length;
    this.streamed = length < 0 || length > WHOLE_BYTES || !memory.grow(length);
    this.whole = streamed ? ByteBuffer.allocate(0) : readWhole((int) length);
  }

  /**
   * Prepares the body of a request, and reads it completely if it is short.
   *
   * @param limit the size limit in bytes
   * @param memory the request's memory claim; grows by the length of a body that is read completely
   * @throws TooLarge when the declared length exceeds the limit
   * @throws IncompleteBody when the client disconnects or is too slow
   */
  static ProxyRequestBody of(
      Request request, FrontDoorLimits limits, long limit, Budget<ClientKey>.Claim memory)
      throws IOException {
    HttpFields headers = request.getHeaders();
    long length = headers.getLongField(HttpHeader.CONTENT_LENGTH);
    if (length > limit) {
      throw new TooLarge();
    }
    if (length >= 0 || headers.contains(HttpHeader.TRANSFER_ENCODING)) {
      return new ProxyRequestBody(request, limits, limit, length, null, memory);
    }
    if (request.getConnectionMetaData().getHttpVersion().getVersion() < HTTP_2) {
      return new ProxyRequestBody(request, limits, limit, 0, null, memory);
    }
    // HTTP/2 bodies need no declared length; only the end of the stream shows whether there is a
    // body.
    Content.Chunk first = request.read();
    boolean none = first != null && first.isLast() && !first.hasRemaining();
    return new ProxyRequestBody(request, limits, limit, none ? 0 : -1, none ? null : first, memory);
  }

  /** Thrown when the body exceeds the limit. The rest of the body is not read. */
  static final class TooLarge extends IOException {
    private static final long serialVersionUID = 1L;

    TooLarge() {
      super("the request's body is larger than the front door accepts");
    }
  }

  /** Thrown when the client disconnects, is too slow, or sends another length than it declared. */
  static final class IncompleteBody extends IOException {
    private static final long serialVersionUID = 1L;

    private final int status;

    /**
     * @param status the status of the response, if the client can still receive one
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
        bytes += chunk.remaining();
        if (bytes > limit) {
          throw new TooLarge();
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
        floor.add(System.nanoTime() - start, chunk.remaining());
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
   * Waits for the next chunk. Jetty's Blocker would log a warning for each interrupted wait, and
   * every early response interrupts one.
   */
  private void await() throws IOException {
    CountDownLatch there = new CountDownLatch(1);
    request.demand(there::countDown);
    try {
      there.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the exchange ended before the client's body");
    }
  }
}
