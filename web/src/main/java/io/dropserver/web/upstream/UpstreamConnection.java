package io.dropserver.web.upstream;

import io.dropserver.base.budget.RelayScheduler;
import io.dropserver.base.http1.Body;
import io.dropserver.base.http1.BodyReader;
import io.dropserver.base.http1.ByteSource;
import io.dropserver.base.http1.ChunkEncoder;
import io.dropserver.base.http1.HeadEncoder;
import io.dropserver.base.http1.HeadReader;
import io.dropserver.base.http1.MessageException;
import io.dropserver.base.http1.ResponseHead;
import io.dropserver.web.upstream.UpstreamException.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.jspecify.annotations.Nullable;

/**
 * A pooled HTTP/1.1 connection to an app. One thread may read while another one writes. {@link
 * #close} and {@link #setTimeout} are thread-safe.
 */
public final class UpstreamConnection implements AutoCloseable {
  private static final int MAX_HEAD_BYTES = 16 << 10;
  private static final int MAX_REQUEST_HEAD_BYTES = 24 << 10;

  /** The estimated CPU time for parsing a chunk. */
  private static final long CHUNK_NANOS = 100;

  private static final long NO_DEADLINE = Long.MAX_VALUE;

  /**
   * The number of reads per response that are not throttled: usually the head and the first piece
   * of the body.
   */
  private static final int FREE_READS = 2;

  private final UpstreamPool pool;
  final String appspace;
  final long generation;
  private final SocketChannel channel;
  private final Incoming incoming = new Incoming();
  private final HeadReader heads = new HeadReader(incoming, MAX_HEAD_BYTES);
  private final HeadEncoder encoder = new HeadEncoder(MAX_REQUEST_HEAD_BYTES);
  private BodyReader body = new BodyReader(incoming, Body.NONE);
  private final RelayScheduler.Relay reading;
  private final RelayScheduler.Relay writing;

  private volatile long deadlineNanos = NO_DEADLINE;
  private volatile @Nullable Runnable onExpiry;
  private volatile boolean timedOut;
  private boolean reused;
  private boolean responseStarted;
  private int reads; // number of reads since the request was sent
  long idleSinceNanos;

  UpstreamConnection(
      UpstreamPool pool, String appspace, long generation, UnixDomainSocketAddress address)
      throws UpstreamException {
    this.pool = pool;
    this.appspace = appspace;
    this.generation = generation;
    this.reading = RelayScheduler.PROCESS.relay(appspace);
    this.writing = RelayScheduler.PROCESS.relay(appspace);
    this.channel = connect(address);
  }

  private static SocketChannel connect(UnixDomainSocketAddress address) throws UpstreamException {
    try {
      return SocketChannel.open(address);
    } catch (IOException e) {
      throw new UpstreamException(
          Kind.UNREACHABLE, "the app's socket does not accept connections", e);
    }
  }

  /**
   * Sets a timeout from now on. When it expires, the connection is closed, so that reading and
   * writing fail.
   */
  public void setTimeout(Duration time) {
    deadlineNanos = System.nanoTime() + time.toNanos();
  }

  /**
   * Sets a timeout during which the caller waits for something else, such as a slow client. When it
   * expires, the connection is closed, and {@code abort} is called to end that wait.
   */
  public void setTimeout(Duration time, Runnable abort) {
    onExpiry = abort;
    setTimeout(time);
  }

  /** Removes the timeout. */
  public void clearTimeout() {
    deadlineNanos = NO_DEADLINE;
    onExpiry = null;
  }

  /**
   * Returns whether a failed request may have used an idle connection that the app had closed: the
   * connection was reused, and no byte of a response arrived. The app may nevertheless have
   * received the request, so only safe methods may be repeated.
   */
  public boolean isStale() {
    return reused && !responseStarted && !timedOut;
  }

  void markReused() {
    reused = true;
    responseStarted = false;
  }

  void closeIfExpired(long nowNanos) {
    long deadline = deadlineNanos;
    if (deadline != NO_DEADLINE && nowNanos - deadline >= 0) {
      timedOut = true;
      close();
      Runnable abort = onExpiry;
      if (abort != null) {
        abort.run();
      }
    }
  }

  /**
   * Sends the head of a request, and a complete body if {@code content} is not empty.
   *
   * @throws IllegalArgumentException when the head is too long
   */
  public void send(String method, String target, HttpFields headers, ByteBuffer content)
      throws UpstreamException {
    encoder.request(method, target);
    for (HttpField field : headers) {
      encoder.field(field.getName(), field.getValue());
    }
    reads = 0;
    transmit(encoder.end(), content);
  }

  private void transmit(ByteBuffer... parts) throws UpstreamException {
    try {
      for (ByteBuffer part : parts) {
        while (part.hasRemaining()) {
          channel.write(parts);
        }
      }
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /**
   * Writes a part of a body without chunked encoding.
   *
   * @param parsingNanos the estimated CPU time for reading it from the client
   */
  public void write(ByteBuffer content, long parsingNanos) throws UpstreamException {
    writing.recordTransfer(content.remaining(), parsingNanos);
    transmit(content);
  }

  /**
   * Writes a part of the body as a chunk.
   *
   * @param parsingNanos the estimated CPU time for reading it from the client
   */
  public void writeChunk(ByteBuffer content, long parsingNanos) throws UpstreamException {
    if (!content.hasRemaining()) {
      return;
    }
    writing.recordTransfer(content.remaining(), parsingNanos);
    transmit(ChunkEncoder.chunk(content));
  }

  public void writeLastChunk() throws UpstreamException {
    transmit(ChunkEncoder.lastChunk());
  }

  /**
   * Reads the head of the final response, and discards informational responses.
   *
   * @param method the method of the request
   * @param upgrade whether a 101 is a final response, whose body extends to the end of the
   *     connection
   */
  public UpstreamResponseHead readHead(String method, boolean upgrade) throws UpstreamException {
    yieldOnce();
    try {
      ResponseHead head = heads.finalResponse(method, upgrade);
      body = new BodyReader(incoming, head.status() == 101 ? Body.UNTIL_CLOSE : head.body());
      return UpstreamResponseHead.of(head);
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /**
   * Yields once, so that a fast app can respond before the first read, which then does not block
   * (decision 0017).
   */
  @SuppressWarnings("ThreadPriorityCheck") // only improves performance
  private static void yieldOnce() {
    Thread.yield();
  }

  /**
   * Returns the next piece of the response's body, which is valid until the next call; empty only
   * at the end.
   */
  public ByteBuffer readBody() throws UpstreamException {
    try {
      return body.next();
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /** Returns whether the response's body has been read completely. */
  public boolean isBodyComplete() {
    return body.isComplete();
  }

  /** Receives bytes from the app into a buffer. */
  private final class Incoming implements ByteSource {
    private final ByteBuffer received = ByteBuffer.allocateDirect(32 << 10).limit(0);

    @Override
    public ByteBuffer received() {
      return received;
    }

    @Override
    public boolean receive() throws IOException {
      int count;
      try {
        count = channel.read(received.clear());
      } finally {
        received.flip(); // nothing is received if the read fails
      }
      responseStarted |= count > 0;
      if (++reads > FREE_READS) {
        reading.recordTransfer(Math.max(0, count), body.takeChunks() * CHUNK_NANOS);
      }
      return count >= 0;
    }
  }

  private UpstreamException failure(IOException e) {
    if (e instanceof MessageException) {
      return UpstreamException.malformed(String.valueOf(e.getMessage()));
    }
    if (timedOut) {
      return new UpstreamException(Kind.TIMEOUT, "the app did not respond in time", e);
    }
    String what =
        switch (e) {
          case EOFException _ -> "the app did not answer: " + e.getMessage();
          case ClosedChannelException _ -> "the connection to the app was closed";
          default -> "the connection to the app broke: " + e.getMessage();
        };
    return new UpstreamException(Kind.CLOSED, what, e);
  }

  /** Returns the connection to the pool, or closes it if it cannot be reused. */
  public void release(UpstreamResponseHead head) {
    clearTimeout();
    if (timedOut
        || !head.persistent()
        || !body.isComplete()
        || incoming.received().hasRemaining()) {
      close(); // unread bytes could be taken for the response to the next request
      return;
    }
    pool.release(this);
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() {
    pool.forget(this);
    try {
      channel.close();
    } catch (IOException e) {
      throw new IllegalStateException("a socket does not close", e);
    }
  }
}
