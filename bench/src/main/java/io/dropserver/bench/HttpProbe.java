package io.dropserver.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/** Sends HTTP/1.1 requests, each on a new connection and without name resolution. */
final class HttpProbe {
  private HttpProbe() {}

  /**
   * Returns the milliseconds from connecting to the first byte of the response.
   *
   * @throws IOException if the status is not 200
   */
  static double timeToFirstByte(SocketAddress address, String host) throws IOException {
    long start = System.nanoTime();
    try (SocketChannel channel = SocketChannel.open(address)) {
      write(channel, host, "/");
      ByteBuffer first = ByteBuffer.allocate(4096);
      if (channel.read(first) < 0) {
        throw new IOException(host + " closed the connection without an answer");
      }
      double milliseconds = (System.nanoTime() - start) / 1e6;
      int status =
          status(new String(first.array(), 0, first.position(), StandardCharsets.ISO_8859_1));
      if (status != 200) {
        throw new IOException(host + " answered " + status);
      }
      return milliseconds;
    }
  }

  private static int status(SocketAddress address, String host, String path) throws IOException {
    return status(get(address, host, path));
  }

  /** Returns the whole response, head and body. */
  static String get(SocketAddress address, String host, String path) throws IOException {
    try (SocketChannel channel = SocketChannel.open(address)) {
      write(channel, host, path);
      return readResponse(channel);
    }
  }

  /**
   * Sends an ASCII body.
   *
   * @throws IOException if the status is not 2xx
   */
  static void post(
      SocketAddress address, String host, String path, Map<String, String> headers, String body)
      throws IOException {
    StringBuilder request = new StringBuilder("POST " + path + " HTTP/1.1\r\nHost: " + host);
    headers.forEach((name, value) -> request.append("\r\n" + name + ": " + value));
    request
        .append("\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ")
        .append(body.length() + "\r\n\r\n" + body);
    try (SocketChannel channel = SocketChannel.open(address)) {
      write(channel, request.toString());
      String response = readResponse(channel);
      if (status(response) / 100 != 2) {
        throw new IOException(host + path + " answered " + response);
      }
    }
  }

  /** Returns the whole response, head and body, to a request with {@code Connection: close}. */
  static String exchange(SocketAddress address, String request) throws IOException {
    try (SocketChannel channel = SocketChannel.open(address)) {
      write(channel, request);
      return readResponse(channel);
    }
  }

  private static String readResponse(SocketChannel channel) throws IOException {
    ByteArrayOutputStream response = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(8192);
    while (channel.read(buffer) >= 0) {
      response.write(buffer.array(), 0, buffer.position());
      buffer.clear();
    }
    return response.toString(StandardCharsets.ISO_8859_1);
  }

  /** Waits until the host responds with the status. A refused connection counts as "not yet". */
  static void await(SocketAddress address, String host, int wanted, Duration limit)
      throws IOException, InterruptedException {
    await(address, host, "/", wanted, limit);
  }

  static void await(SocketAddress address, String host, String path, int wanted, Duration limit)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    int last = 0;
    while (System.nanoTime() < deadline) {
      try {
        last = status(address, host, path);
        if (last == wanted) {
          return;
        }
      } catch (ConnectException e) {
        last = 0;
      }
      Thread.sleep(Duration.ofMillis(1));
    }
    throw new IOException(host + " answers " + last + ", not " + wanted + ", after " + limit);
  }

  static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private static void write(SocketChannel channel, String host, String path) throws IOException {
    write(channel, "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
  }

  private static void write(SocketChannel channel, String request) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.ISO_8859_1));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static int status(String response) throws IOException {
    if (!response.startsWith("HTTP/1.") || response.length() < 12) {
      throw new IOException("not an HTTP answer: " + response.lines().findFirst().orElse(""));
    }
    return Integer.parseInt(response.substring(9, 12));
  }
}
