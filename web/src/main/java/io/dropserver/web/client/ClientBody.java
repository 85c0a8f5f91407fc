package io.dropserver.web.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request that the server handles itself, with a size limit and a time limit. The
 * time limit applies to the whole body and begins with the constructor. Only one received chunk is
 * buffered. Not thread-safe.
 */
public final class ClientBody extends InputStream {
  /** The time limit for a form, or for a webhook delivery of 3 MiB at 100 KB/s. */
  public static final Duration TIME_LIMIT = Duration.ofSeconds(30);

  private final Request request;
  private final long limit;
  private final long deadline;
  private long bytes;
  private Content.@Nullable Chunk chunk;
  private boolean ended;

  /**
   * Wraps the body of a request.
   *
   * @param limit the size limit in bytes
   * @throws HttpException.RuntimeException 413 when {@code Content-Length} exceeds the limit
   */
  public ClientBody(Request request, long limit, Duration time) {
    this.request = request;
    this.limit = limit;
    this.deadline = System.nanoTime() + time.toNanos();
    if (request.getHeaders().getLongField(HttpHeader.CONTENT_LENGTH) > limit) {
      throw tooLarge();
    }
  }

  private HttpException.RuntimeException tooLarge() {
    return new HttpException.RuntimeException(
        HttpStatus.PAYLOAD_TOO_LARGE_413, "the body has more than " + limit + " bytes");
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  /**
   * Blocks until bytes are available.
   *
   * @throws HttpException.RuntimeException 413 beyond the size limit, 408 beyond the time limit
   * @throws IOException when the body is incomplete
   */
  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (chunk == null || !chunk.hasRemaining()) {
      if (ended) {
        return -1;
      }
      releaseChunk();
      receive();
    }
    int count = Math.min(length, chunk.remaining());
    chunk.getByteBuffer().get(to, offset, count);
    return count;
  }

  private void receive() throws IOException {
    Content.@Nullable Chunk next = request.read();
    while (next == null) {
      await();
      next = request.read();
    }
    if (Content.Chunk.isFailure(next)) {
      throw new IOException("the body is incomplete", next.getFailure());
    }
    chunk = next;
    ended = next.isLast();
    bytes += next.remaining();
    if (bytes > limit) {
      throw tooLarge();
    }
  }

  private void await() throws IOException {
    CountDownLatch there = new CountDownLatch(1);
    request.demand(there::countDown);
    try {
      if (there.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the server stops");
    }
    request.fail(new TimeoutException("the body takes too long")); // cancels the demand
    throw new HttpException.RuntimeException(
        HttpStatus.REQUEST_TIMEOUT_408, "the body takes too long");
  }

  private void releaseChunk() {
    if (chunk != null) {
      Objects.requireNonNull(chunk).release();
      chunk = null;
    }
  }

  @Override
  public void close() {
    releaseChunk();
  }
}
