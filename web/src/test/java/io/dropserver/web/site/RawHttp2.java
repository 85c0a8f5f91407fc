package io.dropserver.web.site;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * An HTTP/2 client (RFC 9113) that sends exactly the frames of the test. Only one thread may send.
 */
final class RawHttp2 implements AutoCloseable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int PRIORITY = 2;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;
  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;

  private final SSLSocket socket;

  /** The number of received frames, by type. */
  private final Map<Integer, AtomicInteger> received = new ConcurrentHashMap<>();

  /** The number of received DATA payload bytes. */
  final AtomicLong data = new AtomicLong();

  /** The error code of the last received GOAWAY or RST_STREAM; -1 before one. */
  final AtomicInteger error = new AtomicInteger(-1);

  private final Semaphore ended = new Semaphore(0);

  /**
   * @param settings pairs of identifier and value
   */
  RawHttp2(SSLContext context, int port, int... settings) throws IOException {
    socket =
        (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {"h2"});
    parameters.setServerNames(java.util.List.of(new javax.net.ssl.SNIHostName("localhost")));
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    socket
        .getOutputStream()
        .write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    ByteBuffer payload = ByteBuffer.allocate(settings.length * 3);
    for (int i = 0; i < settings.length; i += 2) {
      payload.putShort((short) settings[i]).putInt(settings[i + 1]);
    }
    send(SETTINGS, 0, 0, payload.array());
    Thread.ofVirtual().start(this::read);
  }

  private void read() {
    try {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      while (true) {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        in.readInt();
        byte[] payload = in.readNBytes(length);
        received.computeIfAbsent(type, _ -> new AtomicInteger()).incrementAndGet();
        if (type == SETTINGS && (flags & 1) == 0) {
          continue; // not acknowledged: nothing depends on it
        }
        if (type == DATA) {
          data.addAndGet(length);
        } else if (type == RST_STREAM) {
          error.set(ByteBuffer.wrap(payload).getInt());
        } else if (type == GOAWAY) {
          error.set(ByteBuffer.wrap(payload).getInt(4));
        }
      }
    } catch (IOException e) {
      ended.release();
    }
  }

  int received(int type) {
    AtomicInteger count = received.get(type);
    return count == null ? 0 : count.get();
  }

  /** Whether the server closes the connection in time. */
  boolean endsWithin(int seconds) throws InterruptedException {
    return ended.tryAcquire(seconds, java.util.concurrent.TimeUnit.SECONDS);
  }

  void send(int type, int flags, int stream, byte[] payload) throws IOException {
    socket.getOutputStream().write(frame(type, flags, stream, payload));
  }

  /** Sends a part of a frame. */
  void sendRaw(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  static byte[] frame(int type, int flags, int stream, byte[] payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .put((byte) (payload.length >> 16))
        .putShort((short) payload.length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  /**
   * Encodes a GET request for {@code /} with these headers, alternating names and values, as
   * literals only.
   */
  static byte[] get(String authority, String... headers) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    block.write(0x82); // :method GET
    block.write(0x87); // :scheme https
    block.write(0x84); // :path /
    block.write(0x01); // :authority, not indexed
    text(block, authority);
    block.writeBytes(literals(headers));
    return block.toByteArray();
  }

  /** Encodes fields, alternating names and values, as literals that are not indexed. */
  static byte[] literals(String... headers) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (int i = 0; i < headers.length; i += 2) {
      block.write(0x00);
      text(block, headers[i]);
      text(block, headers[i + 1]);
    }
    return block.toByteArray();
  }

  /** A string literal without Huffman coding (RFC 7541, section 5.2). */
  static void text(ByteArrayOutputStream block, String text) {
    int length = text.length();
    if (length < 127) {
      block.write(length);
    } else {
      block.write(127);
      int rest = length - 127;
      while (rest >= 128) {
        block.write(rest % 128 + 128);
        rest /= 128;
      }
      block.write(rest);
    }
    block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  static byte[] number(int number) {
    return ByteBuffer.allocate(4).putInt(number).array();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
