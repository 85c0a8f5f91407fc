package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bad requests from anonymous clients cost one log line each, and not a stack trace. */
class RudeClientTest {
  private static final int TIMES = 10;
  private static final int BAD_HOSTS = 150;

  /** Maximum length of the log line of one request. */
  private static final int LINE_BYTES = 700;

  private static final List<String> CUT =
      List.of(
          "POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 1000\r\n\r\nabc",
          "POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab");

  @TempDir Path folder;

  @Test
  void aClientThatDisconnectsCausesNoWarning() throws Exception {
    try (LiveInstance instance = LiveInstance.serving(folder)) {
      URI shell = URI.create(instance.server().shellUrl());
      String before = instance.log();
      for (int i = 0; i < TIMES; i++) {
        for (String request : CUT) {
          cut(shell, request.replace("HOST", "one." + shell.getHost()));
          cut(shell, request.replace("HOST", shell.getHost()));
        }
      }
      assertThat(instance.get("one", "/last").statusCode()).isEqualTo(200);
      await().until(() -> instance.log().contains("/last"));

      String since = instance.log().substring(before.length());
      assertThat(since).doesNotContain("WARN").doesNotContain("ERROR").doesNotContain("\tat ");
      // An aborted request is a client error. A 5xx would blame the app.
      assertThat(since).doesNotContain("\"status\":5").contains("\"status\":400");
      assertThat(since.length()).isLessThan((2 * CUT.size() * TIMES + 1) * LINE_BYTES);
    }
  }

  @Test
  void badHostsDoNotFloodTheLog() throws Exception {
    try (LiveInstance instance = LiveInstance.serving(folder)) {
      URI shell = URI.create(instance.server().shellUrl());
      String before = instance.log();
      for (int i = 0; i < BAD_HOSTS; i++) {
        for (String host : List.of("one, two", "[: :]", "x@y:z", "a\r\nHost: b")) {
          try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), shell.getPort())) {
            String request = "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            assertThat(
                    new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                .isEqualTo("HTTP/1.1 400");
          }
        }
      }
      assertThat(instance.get("one", "/last").statusCode()).isEqualTo(200);
      await().until(() -> instance.log().contains("/last"));
      String since = instance.log().substring(before.length());
      assertThat(since.lines().filter(line -> line.contains("WARN")).count()).isLessThan(BAD_HOSTS);
    }
  }

  /** Sends a partial request and resets the connection. */
  private static void cut(URI shell, String request) throws IOException, InterruptedException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), shell.getPort())) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      Thread.sleep(100); // gives the server time to read the request
      socket.setSoLinger(true, 0);
    }
  }
}
