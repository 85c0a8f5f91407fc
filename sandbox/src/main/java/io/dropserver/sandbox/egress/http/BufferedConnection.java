package io.dropserver.sandbox.egress.http;

import io.dropserver.sandbox.budget.RelayScheduler;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A connection with its input and output buffers. A single thread may read while another one
 * writes. {@link #close} and {@link #expire} may be called from any thread and end both.
 */
public final class BufferedConnection implements AutoCloseable {
  private static final int BUFFER = 16 << 10;

  /** The cost of a body in tiny chunks; other bodies cost less. */
  private static final long PARSING_NANOS_PER_BYTE = 5;

  private final InputStream input;
  private final OutputStream output;
  private final AutoCloseable socket;

  private final byte[] in = new byte[BUFFER];
  private long received;
  private int position;
  private int limit;
  private final byte[] out = new byte[BUFFER];
  private int filled;

  private volatile RelayScheduler.@Nullable Relay relay;
  private volatile long idleTimeoutNanos = Long.MAX_VALUE;
  private volatile long lastMove = System.nanoTime();
  private volatile boolean expired;
  private volatile boolean closed;

  private BufferedConnection(InputStream input, OutputStream output, AutoCloseable socket) {
    this.input = input;
    this.output = output;
    this.socket = socket;
  }

  public static BufferedConnection of(SocketChannel channel) {
    return new BufferedConnection(
        Channels.newInputStream(channel), Channels.newOutputStream(channel), channel);
  }

  /**
   * @param layered the socket, or the TLS socket on top of it
   * @param raw the socket to close: closing the TLS socket could wait for a writer
   */
  public static BufferedConnection of(Socket layered, Socket raw) throws IOException {
    return new BufferedConnection(layered.getInputStream(), layered.getOutputStream(), raw);
  }

  /** A connection that discards all output and has no input. */
  static BufferedConnection discarding() {
    return new BufferedConnection(
        InputStream.nullInputStream(), OutputStream.nullOutputStream(), () -> {});
  }

  /** Accounts for reads as work of this relay from now on. Reads may then have to wait. */
  public void accountTo(RelayScheduler.Relay reader) {
    relay = reader;
  }

  /** Sets the idle timeout for both directions, starting now. */
  public void setIdleTimeout(Duration timeout) {
    lastMove = System.nanoTime();
    idleTimeoutNanos = timeout.toNanos();
  }

  /** Closes the connection if it has been idle for longer than its timeout. */
  public void expire(long now) {
    if (now - lastMove > idleTimeoutNanos) {
      expired = true;
      close();
    }
  }

  /** Whether the idle timeout closed the connection. */
  public boolean hasExpired() {
    return expired;
  }

  public boolean isClosed() {
    return closed;
  }

  public boolean hasBuffered() {
    return position < limit;
  }

  /** Returns false at the end of the stream. */
  boolean fill() throws IOException {
    if (position < limit) {
      return true;
    }
    int read = input.read(in, 0, in.length);
    lastMove = System.nanoTime();
    position = 0;
    limit = Math.max(read, 0);
    received += limit;
    RelayScheduler.Relay reader = relay;
    if (reader != null) {
      reader.recordTransfer(limit, limit * PARSING_NANOS_PER_BYTE);
    }
    return read > 0;
  }

  int read() throws IOException {
    if (!fill()) {
      throw new EOFException("the connection ended in a message");
    }
    return in[position++] & 0xff;
  }

  /**
   * Reads a head up to and including its final empty line.
   *
   * @return empty if the connection ends before the first byte
   * @throws MessageException when the head is larger than {@code maximum}, or a line ends in a bare
   *     LF
   */
  public Optional<byte[]> readHead(int maximum) throws IOException {
    if (!fill()) {
      return Optional.empty();
    }
    byte[] head = new byte[Math.min(maximum, 1024)];
    int length = 0;
    while (true) {
      int next = read();
      if (length == head.length) {
        if (length >= maximum) {
          throw new MessageException("the head is larger than " + (maximum >> 10) + " KiB");
        }
        head = java.util.Arrays.copyOf(head, Math.min(maximum, length * 2));
      }
      head[length++] = (byte) next;
      if (next != '\n') {
        continue;
      }
      if (length < 2 || head[length - 2] != '\r') {
        throw new MessageException("a line of the head does not end in CRLF");
      }
      if (length == 2 || (head[length - 3] == '\n')) {
        return Optional.of(java.util.Arrays.copyOf(head, length));
      }
    }
  }

  /** Moves buffered bytes, at most {@code maximum}, to another connection. Returns their number. */
  int moveTo(BufferedConnection other, long maximum) throws IOException {
    int size = (int) Math.min(maximum, limit - position);
    other.write(in, position, size);
    position += size;
    return size;
  }

  /** Moves buffered bytes through a mask. Returns the bytes that it passes. */
  byte[] moveTo(Mask mask, int size) {
    byte[] passed = mask.pass(in, position, size);
    position += size;
    return passed;
  }

  /** Copies buffered bytes, at most {@code maximum}. Returns their number. */
  int take(byte[] into, int at, int maximum) {
    int size = Math.min(maximum, limit - position);
    System.arraycopy(in, position, into, at, size);
    position += size;
    return size;
  }

  /** The total number of bytes read. Call it only from the reading thread. */
  public long received() {
    return received;
  }

  int available() {
    return limit - position;
  }

  public void write(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    write(bytes, 0, bytes.length);
  }

  public void write(byte[] bytes, int from, int length) throws IOException {
    if (length > out.length - filled) {
      flush();
    }
    if (length >= out.length) {
      output.write(bytes, from, length);
      lastMove = System.nanoTime();
      return;
    }
    System.arraycopy(bytes, from, out, filled, length);
    filled += length;
  }

  public void flush() throws IOException {
    if (filled > 0) {
      int size = filled;
      filled = 0;
      output.write(out, 0, size);
      lastMove = System.nanoTime();
    }
  }

  /** Ends the input, while output is still possible. Works only for connections from apps. */
  public void endInput() {
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
