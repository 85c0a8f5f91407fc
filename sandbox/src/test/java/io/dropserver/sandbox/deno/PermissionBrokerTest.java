package io.dropserver.sandbox.deno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(20)
class PermissionBrokerTest {
  @TempDir private Path folder;
  private PermissionBroker broker;

  @BeforeEach
  void listen() {
    broker =
        PermissionBroker.listen(
            "test",
            folder.resolve("b.sock"),
            new PermissionPolicy(outside -> java.util.Optional.of("closed")));
  }

  @AfterEach
  void close() {
    broker.close();
  }

  @Test
  void eachRequestIsAnsweredUnderItsOwnId() throws IOException {
    try (SocketChannel deno = connect()) {
      send(deno, "{\"v\":1,\"pid\":2,\"id\":1,\"permission\":\"read\",\"value\":\"/app/a\"}\n");
      assertThat(receive(deno)).isEqualTo("{\"id\":1,\"result\":\"allow\"}\n");
      send(deno, "{\"v\":1,\"pid\":2,\"id\":2,\"permission\":\"run\",\"value\":null}\n");
      assertThat(receive(deno))
          .isEqualTo(
              "{\"id\":2,\"result\":\"deny\",\"reason\":\"an app may not start programs\"}\n");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "garbage\n",
        "\n",
        "null\n",
        "[]\n",
        "{}\n",
        "{\"v\":2,\"id\":1,\"permission\":\"read\",\"value\":\"/app\"}\n",
        "{\"v\":1,\"id\":\"1\",\"permission\":\"read\",\"value\":\"/app\"}\n",
        "{\"v\":1,\"id\":1.5,\"permission\":\"read\",\"value\":\"/app\"}\n",
        "{\"v\":1,\"id\":1,\"permission\":7,\"value\":\"/app\"}\n",
        "{\"v\":1,\"id\":1,\"permission\":\"read\",\"value\":[\"/app\"]}\n",
        "{\"v\":1,\"id\":1,\"id\":2,\"permission\":\"read\",\"value\":\"/app\"}\n"
      })
  void aMalformedRequestClosesTheConnection(String line) throws IOException {
    try (SocketChannel attacker = connect()) {
      send(attacker, line);
      assertThat(receive(attacker)).isEmpty();
    }
  }

  @Test
  void aLineWithoutEndIsCutOff() throws IOException {
    try (SocketChannel attacker = connect()) {
      assertThatThrownBy(
              () -> {
                for (int block = 0; block < 10_000; block++) {
                  send(attacker, "x".repeat(4096));
                }
              })
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void aHundredConnectionsDoNotKeepTheBrokerFromAnsweringTheFirst() throws IOException {
    try (SocketChannel deno = connect()) {
      for (int index = 0; index < 100; index++) {
        connect();
      }
      send(deno, "{\"v\":1,\"id\":1,\"permission\":\"env\",\"value\":null}\n");
      assertThat(receive(deno)).contains("allow");
    }
  }

  @Test
  void endlessRequestsOfAnAppDoNotDelayOthers() throws Exception {
    String questions = "{\"v\":1,\"id\":1,\"permission\":\"env\",\"value\":null}\n".repeat(1_000);
    List<SocketChannel> hostile = new ArrayList<>();
    for (int index = 0; index < 8; index++) {
      SocketChannel deno = connect();
      hostile.add(deno);
      // Platform threads act like another process: they do not compete for carrier threads.
      Thread.ofPlatform().daemon().start(() -> repeat(() -> send(deno, questions)));
      Thread.ofPlatform().daemon().start(() -> repeat(() -> receive(deno)));
    }
    for (int request = 0; request < 200; request++) {
      Thread other = Thread.ofVirtual().start(() -> {});
      assertThat(other.join(Duration.ofSeconds(10))).isTrue();
    }
    for (SocketChannel each : hostile) {
      each.close();
    }
  }

  private interface Traffic {
    void once() throws IOException;
  }

  private static void repeat(Traffic traffic) {
    try {
      while (true) {
        traffic.once();
      }
    } catch (IOException over) {
      // The test or the broker closed the connection.
    }
  }

  private SocketChannel connect() throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    var _ = channel.connect(UnixDomainSocketAddress.of(folder.resolve("b.sock")));
    return channel;
  }

  private static void send(SocketChannel channel, String text) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (buffer.hasRemaining()) {
      var _ = channel.write(buffer);
    }
  }

  /** Reads one answer; empty if the connection was closed. */
  private static String receive(SocketChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(10_000);
    int count = channel.read(buffer);
    return count < 0 ? "" : new String(buffer.array(), 0, count, StandardCharsets.UTF_8);
  }
}
