package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.schema.host.CidrBlock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A greedy client at 127.0.0.2, and another one at 127.0.0.1. */
@Timeout(120)
@Tag("slow")
class CrowdTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final InetAddress CROWD = InetAddress.ofLiteral("127.0.0.2");

  /** The connections of one client out of 1,000. */
  private static final int EACH = 64;

  private final List<Socket> sockets = new ArrayList<>();

  @AfterEach
  void closeAll() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private static FrontDoorFixture door(Duration idle, List<CidrBlock> trusted) throws IOException {
    FrontDoorLimits limits =
        new FrontDoorLimits(
            1 << 20,
            256,
            64,
            64,
            32,
            idle,
            Duration.ofSeconds(20),
            500,
            Duration.ofHours(1),
            1_000);
    return new FrontDoorFixture(limits, trusted);
  }

  private Socket connect(FrontDoorFixture door) throws IOException {
    Socket socket = new Socket();
    sockets.add(socket);
    socket.bind(new InetSocketAddress(CROWD, 0));
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), door.port()));
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Whether the server closes the connection before its idle timeout would. */
  private static boolean ended(Socket socket) throws IOException {
    socket.setSoTimeout(20_000);
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void oneClientHasAShareOfTheConnectionsAndOthersAreServed() throws IOException {
    try (FrontDoorFixture door = door(Duration.ofSeconds(30), List.of())) {
      door.answering("notes", OK);
      for (int i = 0; i < EACH; i++) {
        send(connect(door), "GET / HTTP/1.1\r\nHost: ");
      }
      await().until(() -> door.server.connections() == EACH);
      for (int i = 0; i < 20; i++) {
        assertThat(ended(connect(door))).as("connection %s too many", i + 1).isTrue();
      }
      assertThat(door.get("notes", "/").body()).isEqualTo("ok");

      closeAll();
      await().until(() -> door.server.connections() == 0);
      Socket again = connect(door);
      send(again, door.request("GET", "notes", "/"));
      assertThat(again.getInputStream().readNBytes(12)).asString().endsWith("200");
    }
  }

  @Test
  void aTrustedProxyBringsMoreConnectionsThanOneClient() throws IOException {
    List<CidrBlock> trusted = List.of(CidrBlock.parse("127.0.0.2/32").orElseThrow());
    try (FrontDoorFixture door = door(Duration.ofSeconds(30), trusted)) {
      for (int i = 0; i < 2 * EACH; i++) {
        connect(door);
      }
      await().until(() -> door.server.connections() == 2 * EACH);
    }
  }

  /** A client that is never idle: without a deadline, its head would take hours. */
  @Test
  void aSlowlySentHeadTimesOut() throws IOException {
    try (FrontDoorFixture door = door(Duration.ofMillis(900), List.of())) {
      Socket socket = connect(door);
      send(socket, "GET / HTTP/1.1\r\nHost: ");
      await()
          .pollInterval(Duration.ofMillis(100))
          .until(
              () -> {
                try {
                  send(socket, "x");
                  return false;
                } catch (IOException closed) {
                  return true;
                }
              });
      await().until(() -> door.server.connections() == 0);
    }
  }

  @Test
  void aConnectionThatIsAnsweredOrAWebSocketStaysOpenForLonger() throws IOException {
    try (FrontDoorFixture door = door(Duration.ofMillis(900), List.of())) {
      door.app(
          "events",
          connection -> {
            boolean webSocket = connection.head().contains("Sec-WebSocket-Key");
            connection.send(
                webSocket ? FakeApp.WEBSOCKET_ACCEPTED : "HTTP/1.1 200 OK\r\n\r\nbegin");
            for (int b = webSocket ? connection.in.read() : -1; b >= 0; b = connection.in.read()) {
              connection.send(new byte[] {(byte) b});
            }
            for (int i = 0; i < 40; i++) {
              connection.send(".");
              Thread.sleep(100); // an event stream
            }
          });
      Socket stream = connect(door);
      send(stream, door.request("GET", "events", "/"));
      try (RawHttpClient socket = new RawHttpClient(door.port())) {
        socket.send(
            door.request(
                "GET",
                "events",
                "/",
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: " + FakeApp.WEBSOCKET_KEY));
        assertThat(socket.head().status()).isEqualTo(101);
        String all = new String(stream.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertThat(all).contains("begin");
        assertThat(all.chars().filter(c -> c == '.').count()).isGreaterThanOrEqualTo(40);
        socket.send("still here");
        assertThat(socket.in.readNBytes(10)).asString().isEqualTo("still here");
      }
    }
  }

  @Test
  void aHeadOfManySmallFieldsIsRefusedBeforeItIsWhole() throws IOException {
    try (FrontDoorFixture door = door(Duration.ofSeconds(30), List.of())) {
      Socket socket = connect(door);
      send(socket, "GET / HTTP/1.1\r\nHost: localhost\r\n" + "a:\r\n".repeat(250));
      assertThat(socket.getInputStream().readNBytes(12)).asString().endsWith("431");
    }
  }

  /** The number of connections on which the server has responded. */
  private long answered() throws IOException {
    long count = 0;
    for (Socket socket : sockets) {
      count += socket.getInputStream().available() > 0 ? 1 : 0;
    }
    return count;
  }

  /**
   * One client keeps slow uploads and event streams open while a visitor and a member use the
   * appspace.
   */
  @Test
  void oneClientLeavesAPublicAppspaceToOthers() throws IOException {
    try (FrontDoorFixture door = new FrontDoorFixture()) {
      door.app(
          "open",
          connection -> {
            if (connection.head().startsWith("GET /visit ")) {
              connection.send(OK);
            }
            connection.in.read();
          });
      for (int i = 0; i < 300; i++) {
        Socket socket = connect(door);
        boolean slow = i % 2 == 0;
        send(
            socket,
            slow
                ? door.request("POST", "open", "/", "Content-Length: 1000") + "slow"
                : door.request("GET", "open", "/events"));
      }
      int refused = 300 - FrontDoorLimits.DEFAULT.requestsPerClient();
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> assertThat(answered()).isEqualTo(refused));
      assertThat(door.get("open", "/visit").body()).isEqualTo("ok");
    }
  }
}
