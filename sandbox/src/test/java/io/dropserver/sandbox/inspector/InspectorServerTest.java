package io.dropserver.sandbox.inspector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("slow")
@Timeout(60)
class InspectorServerTest {

  @Test
  void silentClientsAreDisconnectedAndCannotUseUpTheConnections() throws IOException {
    try (InspectorServer server = InspectorServer.start(new InspectorTarget(false))) {
      List<Socket> silent = new ArrayList<>();
      for (int i = 0; i < InspectorServer.MAX_CONNECTIONS; i++) {
        silent.add(connect(server));
      }
      try (Socket surplus = connect(server)) {
        assertThat(surplus.getInputStream().read()).isEqualTo(-1);
      }
      for (Socket socket : silent) {
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
        socket.close();
      }
      assertThat(get(server)).contains("503 Service Unavailable", "open its page first");
    }
  }

  private static String get(InspectorServer server) throws IOException {
    try (Socket socket = connect(server)) {
      String address = server.address();
      int slash = address.indexOf('/');
      String head =
          "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
              .formatted(address.substring(slash), address.substring(0, slash));
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  private static Socket connect(InspectorServer server) throws IOException {
    String address = server.address();
    int port = Integer.parseInt(address.substring(address.indexOf(':') + 1, address.indexOf('/')));
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(30_000);
    return socket;
  }
}
