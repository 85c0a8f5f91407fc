package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * No connection occupies a carrier of the virtual threads for long, whatever an app or a client
 * sends. A virtual thread whose reads always find data never waits; with as many of them as
 * carriers, a quiet appspace would get no response at all.
 */
@Tag("slow")
class CarrierTest {
  private static final int QUIET_REQUESTS = 60;

  /**
   * Far more than a busy machine needs; without the protection, a request waits for tens of
   * seconds.
   */
  private static final Duration TIMEOUT = Duration.ofSeconds(4);

  private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

  private final List<Socket> clients = new ArrayList<>();

  @SuppressWarnings("NullAway.Init") // set before each test
  private FrontDoorFixture door;

  @BeforeEach
  void open() throws IOException {
    door = new FrontDoorFixture();
    door.answering("quiet", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nquiet");
  }

  @AfterEach
  void close() throws IOException {
    for (Socket client : clients) {
      client.close();
    }
    door.close();
  }

  @Test
  void aQuietAppspaceIsAnsweredBesideEndlessOneByteChunks() throws Exception {
    try (FloodingApp _ = flooding(CHUNKED, "1\r\nx\r\n")) {
      for (int i = 0; i < 16; i++) {
        Socket client = client();
        send(client, door.request("GET", "hostile", "/"));
        run(() -> drain(client.getInputStream()));
      }
      assertQuietIsAnswered();
    }
  }

  @Test
  void aQuietAppspaceIsAnsweredBesideSlowReaders() throws Exception {
    try (FloodingApp _ = flooding(CHUNKED, "1\r\nx\r\n")) {
      for (int i = 0; i < 60; i++) {
        Socket client = client();
        send(client, door.request("GET", "hostile", "/"));
        run(() -> sip(client.getInputStream()));
      }
      assertQuietIsAnswered();
    }
  }

  @Test
  void aQuietAppspaceIsAnsweredBesideTinyUploads() throws Exception {
    try (FloodingApp _ = flooding("", "")) {
      byte[] chunks = "1\r\nx\r\n".repeat(10_000).getBytes(StandardCharsets.ISO_8859_1);
      for (int i = 0; i < 16; i++) {
        Socket client = client();
        send(client, door.request("POST", "hostile", "/", "Transfer-Encoding: chunked"));
        run(() -> repeat(client.getOutputStream(), chunks));
      }
      assertQuietIsAnswered();
    }
  }

  @Test
  void aQuietAppspaceIsAnsweredBesideTinyWebSocketFrames() throws Exception {
    byte[] frames = "\u0081\u0081\0\0\0\0x".repeat(10_000).getBytes(StandardCharsets.ISO_8859_1);
    try (FloodingApp _ = flooding(FakeApp.WEBSOCKET_ACCEPTED, "\u0081\u0001x")) {
      for (int i = 0; i < 16; i++) {
        Socket client = client();
        send(
            client,
            door.request(
                "GET",
                "hostile",
                "/",
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: " + FakeApp.WEBSOCKET_KEY));
        run(() -> drain(client.getInputStream()));
        run(() -> repeat(client.getOutputStream(), frames));
      }
      assertQuietIsAnswered();
    }
  }

  @Test
  void aQuietAppspaceIsAnsweredBesidePipelinedRequests() throws Exception {
    byte[] requests =
        door.request("GET", "unknown", "/").repeat(1_000).getBytes(StandardCharsets.ISO_8859_1);
    for (int i = 0; i < 16; i++) {
      Socket client = client();
      run(() -> drain(client.getInputStream()));
      run(() -> repeat(client.getOutputStream(), requests));
    }
    assertQuietIsAnswered();
  }

  @Test
  void aQuietAppspaceIsAnsweredBesideEmptyLinesWithoutEnd() throws Exception {
    byte[] lines = "\r\n".repeat(30_000).getBytes(StandardCharsets.ISO_8859_1);
    for (int i = 0; i < 16; i++) {
      Socket client = client();
      run(() -> drain(client.getInputStream()));
      run(() -> repeat(client.getOutputStream(), lines));
    }
    assertQuietIsAnswered();
  }

  @Test
  void tinyChunksOfAClientReachTheAppTogether() throws Exception {
    int chunks = 2_000;
    AtomicInteger received = new AtomicInteger();
    door.app(
        "counting",
        connection -> {
          connection.head();
          String size = line(connection.in);
          while (!size.equals("0")) {
            received.incrementAndGet();
            connection.in.skipNBytes(Integer.parseInt(size, 16) + 2L);
            size = line(connection.in);
          }
          connection.send("HTTP/1.1 204 No Content\r\n\r\n");
        });
    String head = door.request("POST", "counting", "/", "Transfer-Encoding: chunked");
    String request = head + "1\r\nx\r\n".repeat(chunks) + "0\r\n\r\n";
    assertThat(RawHttpClient.ask(door.port(), request).status()).isEqualTo(204);
    assertThat(received.get()).isBetween(1, chunks / 20);
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      line.append((char) next);
    }
    return line.toString().strip();
  }

  private FloodingApp flooding(String head, String flood) throws IOException {
    door.declare(FrontDoorFixture.site("hostile"));
    door.leases.serve("hostile", door.socket("hostile"));
    return new FloodingApp(door.socket("hostile"), head, flood);
  }

  private void assertQuietIsAnswered() throws IOException {
    // Let the attack fill all buffers first.
    LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
    long[] nanos = new long[QUIET_REQUESTS];
    for (int i = 0; i < QUIET_REQUESTS; i++) {
      long start = System.nanoTime();
      assertThat(door.get("quiet", "/").body()).isEqualTo("quiet");
      nanos[i] = System.nanoTime() - start;
    }
    Arrays.sort(nanos);
    assertThat(Duration.ofNanos(nanos[QUIET_REQUESTS - 1])).isLessThan(TIMEOUT);
  }

  private Socket client() throws IOException {
    Socket client = new Socket(InetAddress.getLoopbackAddress(), door.port());
    clients.add(client);
    return client;
  }

  private static void send(Socket client, String text) throws IOException {
    client.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Returns when the connection is closed. */
  private interface Traffic {
    void run() throws IOException;
  }

  /** Runs on a platform thread, which does not compete for carriers. */
  private static void run(Traffic traffic) {
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                traffic.run();
              } catch (IOException closed) {
                // The test or the front door closed the connection.
              }
            });
  }

  private static void drain(InputStream in) throws IOException {
    byte[] buffer = new byte[64 << 10];
    while (in.read(buffer) >= 0) {
      // Continue with the next connection.
    }
  }

  /** Reads about 2 kB per second. */
  private static void sip(InputStream in) throws IOException {
    while (in.readNBytes(200).length > 0) {
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
    }
  }

  private static void repeat(OutputStream out, byte[] bytes) throws IOException {
    while (true) {
      out.write(bytes);
    }
  }
}
