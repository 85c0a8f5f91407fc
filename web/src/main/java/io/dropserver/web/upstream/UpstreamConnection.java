package io.dropserver.web.upstream;

import io.dropserver.sandbox.budget.RelayScheduler;
import io.dropserver.web.upstream.UpstreamException.Kind;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.jspecify.annotations.Nullable;

/**
 * A connection to an app. One thread reads and one thread writes. {@link #close} and {@link
 * #setTimeout} are thread-safe.
 */
public final class UpstreamConnection implements AutoCloseable {
  static final int MAX_HEAD_BYTES = 16 << 10;
  private static final int MAX_INFORMATIONAL = 16;
  private static final long NO_DEADLINE = Long.MAX_VALUE;

  /** Reads that are not throttled: the head of a response and the first piece of its body. */
  private static final int FREE_READS = 2;

  private final UpstreamPool pool;
  final String appspace;
  final long generation;
  private final SocketChannel channel;
  // In read mode: the bytes from position to limit have been received and not yet consumed.
  private final ByteBuffer in = ByteBuffer.allocateDirect(32 << 10).limit(0);
  private final ByteBuffer out = ByteBuffer.allocateDirect(MAX_HEAD_BYTES + (8 << 10));
  private final byte[] scratch = new byte[MAX_HEAD_BYTES];
  private final BodyReader body = new BodyReader(this);
  private final RelayScheduler.Relay reading;
  private final RelayScheduler.Relay writing;

  private volatile long deadlineNanos = NO_DEADLINE;
  private volatile @Nullable Runnable onExpiry;
  private volatile boolean timedOut;
  private boolean reused;
  private boolean responseStarted;
  private int reads; // since the request was sent
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
      SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        channel.connect(address);
        return channel;
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UpstreamException(
          Kind.UNREACHABLE, "the app's socket does not accept connections", e);
    }
  }

  /** Sets a timeout, after which reading and writing fail. */
  public void setTimeout(Duration time) {
    deadlineNanos = System.nanoTime() + time.toNanos();
  }

  /**
   * Sets a timeout for a wait that a third party causes, such as a slow client. When it expires,
   * the connection is closed and {@code abort} is called to end the wait.
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
   * Whether the request failed because an idle connection had been closed, so that the app has not
   * seen it.
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
   * Sends the head of a request, together with a complete body.
   *
   * @throws IllegalArgumentException when the head is too long
   */
  public void send(String method, String target, HttpFields headers, ByteBuffer content)
      throws UpstreamException {
    RequestEncoder encoder = new RequestEncoder(out.clear());
    encoder.line(method, target);
    for (HttpField field : headers) {
      encoder.header(field.getName(), field.getValue());
    }
    encoder.end();
    if (content.remaining() <= out.remaining()) {
      out.put(content);
    }
    reads = 0;
    transmit(out.flip());
    if (content.hasRemaining()) {
      transmit(content);
    }
  }

  private void transmit(ByteBuffer content) throws UpstreamException {
    try {
      while (content.hasRemaining()) {
        channel.write(content);
      }
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /**
   * Writes a part of a body with a {@code Content-Length}.
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
    ByteBuffer[] parts = {
      ascii(Integer.toHexString(content.remaining()) + "\r\n"), content, ascii("\r\n")
    };
    try {
      while (parts[2].hasRemaining()) {
        channel.write(parts);
      }
    } catch (IOException e) {
      throw failure(e);
    }
  }

  public void writeLastChunk() throws UpstreamException {
    transmit(ascii("0\r\n\r\n"));
  }

  private static ByteBuffer ascii(String text) {
    return ByteBuffer.wrap(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
  }

  /**
   * Reads the head of the final response; informational responses are discarded.
   *
   * @param upgrade whether a 101 is a final response
   */
  public UpstreamResponseHead readHead(boolean toHead, boolean upgrade) throws UpstreamException {
    yieldOnce();
    for (int i = 0; i < MAX_INFORMATIONAL; i++) {
      UpstreamResponseHead head = UpstreamHeadParser.parse(scratch, headToScratch(), toHead);
      responseStarted = true;
      if (head.status() >= 200 || (head.status() == 101 && upgrade)) {
        body.begin(head);
        return head;
      }
      if (head.status() == 101) {
        throw UpstreamException.malformed("101 without a request to switch protocols");
      }
    }
    throw UpstreamException.malformed("too many informational responses");
  }

  /**
   * Yields once, so that a fast app has responded before the first read, which then does not need
   * to block (decision 0017).
   */
  @SuppressWarnings("ThreadPriorityCheck") // only improves performance
  private static void yieldOnce() {
    Thread.yield();
  }

  /** Copies one complete head into {@code scratch} and returns its length. */
  private int headToScratch() throws UpstreamException {
    int length = 0;
    while (true) {
      while (in.hasRemaining()) {
        if (length == scratch.length) {
          throw UpstreamException.malformed("its head is longer than " + MAX_HEAD_BYTES + " bytes");
        }
        byte b = in.get();
        scratch[length++] = b;
        if (b == '\n' && endsHead(length)) {
          return length;
        }
      }
      if (!receive()) {
        throw closed(
            length == 0 ? "it closed the connection" : "it closed the connection in a head");
      }
      responseStarted = true;
    }
  }

  private boolean endsHead(int length) {
    return length >= 4
        && scratch[length - 2] == '\r'
        && scratch[length - 3] == '\n'
        && scratch[length - 4] == '\r';
  }

  /** The body of the latest response. */
  public BodyReader body() {
    return body;
  }

  /** The received bytes that have not been consumed; possibly empty. */
  ByteBuffer received() {
    return in;
  }

  /**
   * Receives more bytes into {@link #received}, which must be empty.
   *
   * @return false at the end of the stream
   */
  boolean receive() throws UpstreamException {
    try {
      in.clear();
      int count = channel.read(in);
      in.flip();
      if (++reads > FREE_READS) {
        reading.recordTransfer(Math.max(0, count), body.takeParsingNanos());
      }
      return count >= 0;
    } catch (IOException e) {
      in.limit(in.position());
      throw failure(e);
    }
  }

  /**
   * Returns the bytes that follow a 101, valid until the next call; empty at the end.
   *
   * @throws UpstreamException when the connection broke
   */
  public ByteBuffer readRaw() throws UpstreamException {
    ByteBuffer rest = in.slice();
    if (rest.hasRemaining()) {
      in.position(in.limit());
      return rest;
    }
    if (!receive()) {
      return ByteBuffer.allocate(0);
    }
    return readRaw();
  }

  private UpstreamException failure(IOException e) {
    if (timedOut) {
      return new UpstreamException(Kind.TIMEOUT, "the app did not respond in time", e);
    }
    return new UpstreamException(
        Kind.CLOSED,
        e instanceof ClosedChannelException
            ? "the connection to the app was closed"
            : "the connection to the app broke: " + e.getMessage(),
        e);
  }

  UpstreamException closed(String what) {
    return timedOut
        ? new UpstreamException(Kind.TIMEOUT, "the app did not respond in time")
        : new UpstreamException(Kind.CLOSED, "the app did not answer: " + what);
  }

  /** Returns the connection to the pool. The body must have been read completely. */
  public void release(UpstreamResponseHead head) {
    clearTimeout();
    if (timedOut || !head.persistent() || !body.isComplete() || in.hasRemaining()) {
      close(); // unexpected bytes: the app may be answering the next request in advance
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
