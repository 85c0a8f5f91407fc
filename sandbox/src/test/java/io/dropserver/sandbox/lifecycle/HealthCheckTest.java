package io.dropserver.sandbox.lifecycle;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.base.http1.MessageException;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The answers of hostile apps to the first request. */
@Timeout(30)
class HealthCheckTest {
  @TempDir private Path folder;

  @Test
  void theStatusOfTheFinalResponseCounts() throws Exception {
    assertThat(status("HTTP/1.1 204 \r\n\r\n", 1)).isEqualTo(204);
    assertThat(status("HTTP/1.0 503 Busy\r\nContent-Length: 9999\r\n\r\n", 1)).isEqualTo(503);
    assertThat(status("HTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 500 Failed\r\n\r\n", 1)).isEqualTo(500);
  }

  @Test
  void anEndlessHeadIsRefused() {
    assertRefused("HTTP/1.1 200 OK\r\nX: " + "x".repeat(1000), 1000);
    assertRefused("HTTP/1.1 200 OK\r\n" + "X: y\r\n".repeat(1000), 1000);
    assertRefused("HTTP/1.1 100 Continue\r\n\r\n", 1000);
    assertRefused("x".repeat(1000), 1000);
  }

  @Test
  void whatIsNotHttpIsRefused() {
    assertRefused("HTTP/1.1 2000 OK\r\n\r\n", 1);
    assertRefused("HTTP/2 200 OK\r\n\r\n", 1);
    assertRefused("HTTP/1.1 200 OK\n\n", 1);
    assertRefused("HTTP/1.1 101 Switching\r\n\r\n", 1);
    assertThatThrownBy(() -> status("", 1)).isInstanceOf(EOFException.class);
    assertThatThrownBy(() -> status("HTTP/1.1 200 OK\r\n", 1)).isInstanceOf(EOFException.class);
  }

  private void assertRefused(String answer, int times) {
    assertThatThrownBy(() -> status(answer, times)).isInstanceOf(MessageException.class);
  }

  /** Sends the answer repeatedly, and closes the connection. */
  private int status(String answer, int times) throws IOException, InterruptedException {
    var address = UnixDomainSocketAddress.of(folder.resolve("app" + System.nanoTime()));
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(address);
      Thread app = Thread.ofVirtual().start(() -> serve(server, answer, times));
      try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        return HealthCheck.ask(channel, address, "a.example.org");
      } finally {
        app.join();
      }
    }
  }

  private static void serve(ServerSocketChannel server, String answer, int times) {
    try (SocketChannel client = server.accept()) {
      client.read(ByteBuffer.allocate(1000));
      for (int i = 0; i < times; i++) {
        client.write(ByteBuffer.wrap(answer.getBytes(ISO_8859_1)));
      }
    } catch (IOException refused) {
      // The check closes the connection.
    }
  }
}
