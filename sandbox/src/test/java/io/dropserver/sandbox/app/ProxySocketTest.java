package io.dropserver.sandbox.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProxySocketTest {
  private static final int CONNECTIONS = 500;

  @TempDir Path temp;

  /** Deno connects for every package at once, without waiting for a place in the queue. */
  @Test
  void manyConnectionsAtOnceWaitForTheirTurn() throws IOException {
    Path path = temp.resolve("s");
    List<SocketChannel> clients = new ArrayList<>();
    try (var socket = ProxySocket.listen(path, (request, out) -> {})) {
      assertThat(socket).isNotNull();
      for (int i = 0; i < CONNECTIONS; i++) {
        SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
        clients.add(client);
        client.configureBlocking(false);
        assertThat(client.connect(UnixDomainSocketAddress.of(path))).isTrue();
      }
    } finally {
      for (SocketChannel client : clients) {
        client.close();
      }
    }
  }
}
