package io.dropserver.tests.endtoend;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** Sends requests to the front door with any host name, without a resolver for it. */
final class FrontDoorClient {
  private static final int TIMEOUT_MILLISECONDS = 30_000;

  private FrontDoorClient() {}

  record FrontDoorResponse(int status, String head, String body) {}

  static FrontDoorResponse get(URI shell, String host, String path) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), shell.getPort())) {
      socket.setSoTimeout(TIMEOUT_MILLISECONDS);
      // HTTP/1.0 has no chunked encoding, and the body ends with the connection.
      String request = "GET " + path + " HTTP/1.0\r\nHost: " + host + "\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      String response = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int end = response.indexOf("\r\n\r\n");
      if (!response.startsWith("HTTP/1.") || end < 0) {
        throw new IOException("not an HTTP answer: " + response);
      }
      return new FrontDoorResponse(
          Integer.parseInt(response.substring(9, 12)),
          response.substring(0, end),
          response.substring(end + 4));
    }
  }
}
