package io.dropserver.egress.gateway;

import io.dropserver.base.budget.RelayScheduler;
import io.dropserver.base.http1.ByteSource;
import io.dropserver.base.http1.ChunkEncoder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A connection with its input and output buffers. A single thread may read while another one
 * writes. {@link #close} and {@link #expire} may be called from any thread and end both.
 */
final class BufferedConnection implements ByteSource, AutoCloseable {
  private static final int IN_BYTES = 16 << 10;

  /** The size of the output buffer, which fits the data of one read, encoded as a chunk. */
  private static final int OUT_BYTES = IN_BYTES + ChunkEncoder.MAX_ADDED_BYTES;

  /** Estimated CPU time for a body in tiny chunks. Other bodies need less. */
  private static final long PARSING_NANOS_PER_BYTE = 5;

  private final InputStream input;
  private final OutputStream output;
  private final AutoCloseable socket;
  private final boolean onThisServer;

  private final ByteBuffer in = ByteBuffer.allocate(IN_BYTES).limit(0);
  private long receivedBytes;
  private final ByteBuffer out = ByteBuffer.allocate(OUT_BYTES);

  private volatile RelayScheduler.@Nullable Relay relay;
  private volatile long idleTimeoutNanos = Long.MAX_VALUE;
  private volatile long lastMove = System.nanoTime();
  private volatile boolean expired;
  private volatile boolean closed;

  private BufferedConnection(
      InputStream input, OutputStream output, AutoCloseable socket, boolean onThisServer) {
    this.input = input;
    this.output = output;
    this.socket = socket;
    this.onThisServer = onThisServer;
  }

  /** Creates a connection through a Unix socket, to an app or to the front door. */
  static BufferedConnection of(SocketChannel channel) {
    return new BufferedConnection(
        Channels.newInputStream(channel), Channels.newOutputStream(channel), channel, true);
  }

  /**
   * @param layered the socket, or the TLS socket on top of it
   * @param raw the socket to close: closing the TLS socket could wait for a writer
   */
  static BufferedConnection of(Socket layered, Socket raw) throws IOException {
    return new BufferedConnection(layered.getInputStream(), layered.getOutputStream(), raw, false);
  }

  /** Returns whether the other end is a component of this server or an app. */
  boolean isOnThisServer() {
    return onThisServer;
  }

  /** Charges later reads to this relay. A read may then wait for a time slice. */
  void accountTo(RelayScheduler.Relay reader) {
    relay = reader;
  }

  /** Sets the idle timeout for both directions, starting now. */
  void setIdleTimeout(Duration timeout) {
    lastMove = System.nanoTime();
    idleTimeoutNanos = timeout.toNanos();
  }

  /** Closes the connection if it has been idle for longer than its timeout. */
  void expire(long now) {
    if (now - lastMove > idleTimeoutNanos) {
      expired = true;
      close();
    }
  }

  /** Returns whether the idle timeout closed the connection. */
  boolean hasExpired() {
    return expired;
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public ByteBuffer received() {
    return in;
  }

  @Override
  public boolean receive() throws IOException {
    int read = input.read(in.array());
    lastMove = System.nanoTime();
    int size = Math.max(read, 0);
    in.position(0).limit(size);
    receivedBytes += size;
    RelayScheduler.Relay reader = relay;
    if (reader != null) {
      reader.recordTransfer(size, size * PARSING_NANOS_PER_BYTE);
    }
    return read > 0;
  }

  /** Returns the total number of bytes received. Call it only from the reading thread. */
  long receivedBytes() {
    return receivedBytes;
  }

  /** Writes a buffer that is backed by an array. */
  void write(ByteBuffer bytes) throws IOException {
    if (bytes.remaining() > out.remaining()) {
      flush();
    }
    if (bytes.remaining() <= out.remaining()) {
      out.put(bytes);
      return;
    }
    output.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
    lastMove = System.nanoTime();
  }

  void flush() throws IOException {
    if (out.position() > 0) {
      int size = out.position();
      out.clear();
      output.write(out.array(), 0, size);
      lastMove = System.nanoTime();
    }
  }

  /** Ends the input, while output is still possible. Works only for connections from apps. */
  void endInput() {
    if (socket instanceof SocketChannel channel) {
      try {
        channel.shutdownInput();
      } catch (IOException gone) {
        close();
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      socket.close();
    } catch (Exception ignored) {
      // No acknowledged data can be lost here.
    }
  }
}
