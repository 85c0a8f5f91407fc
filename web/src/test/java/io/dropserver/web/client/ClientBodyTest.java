package io.dropserver.web.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ClientBodyTest {
  private static final int LIMIT = 100;
  private static final Duration TIME = Duration.ofMillis(500);

  private final Server server = new Server(0);

  @BeforeEach
  void start() throws Exception {
    server.setHandler(
        new Handler.Abstract() {
          @Override
          public boolean handle(Request request, Response response, Callback callback)
              throws IOException {
            try (ClientBody body = new ClientBody(request, LIMIT, TIME)) {
              int length = body.readAllBytes().length;
              Content.Sink.write(response, true, String.valueOf(length), callback);
            }
            return true;
          }
        });
    server.start();
  }

  @AfterEach
  void stop() throws Exception {
    server.stop();
  }

  @Test
  void aBodyIsReadToItsLimitInEitherFraming() throws IOException {
    assertThat(status("Content-Length: 100\r\n\r\n" + "x".repeat(100))).isEqualTo(200);
    assertThat(status("Content-Length: 101\r\n\r\n")).isEqualTo(413);
    String chunk = "32\r\n" + "x".repeat(50) + "\r\n";
    assertThat(status("Transfer-Encoding: chunked\r\n\r\n" + chunk + chunk + "0\r\n\r\n"))
        .isEqualTo(200);
    assertThat(status("Transfer-Encoding: chunked\r\n\r\n" + chunk + chunk + chunk)).isEqualTo(413);
  }

  /** Jetty's idle timeout of 30 s alone would never expire, because a byte arrives now and then. */
  @Test
  void aSlowlySentBodyTimesOut() throws IOException, InterruptedException {
    try (Socket socket = connect()) {
      send(socket, head("Content-Length: 100\r\n\r\n"));
      BufferedReader answer = reader(socket);
      Thread drip =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      while (true) {
                        send(socket, "x");
                        Thread.sleep(100); // a client that is never idle
                      }
                    } catch (IOException | InterruptedException e) {
                      // the server closed the connection
                    }
                  });
      assertThat(answer.readLine()).contains(" 408 ");
      drip.interrupt();
      drip.join();
    }
  }

  private int status(String rest) throws IOException {
    try (Socket socket = connect()) {
      send(socket, head(rest));
      return Integer.parseInt(reader(socket).readLine().substring(9, 12));
    }
  }

  private Socket connect() throws IOException {
    int port = ((ServerConnector) server.getConnectors()[0]).getLocalPort();
    return new Socket(InetAddress.getLoopbackAddress(), port);
  }

  private static BufferedReader reader(Socket socket) throws IOException {
    return new BufferedReader(
        new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
  }

  private static String head(String rest) {
    return "POST / HTTP/1.1\r\nHost: localhost\r\n" + rest;
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }
}
