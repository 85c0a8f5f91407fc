package io.dropserver.web.site;

import static io.dropserver.web.site.RawHttp2.CONTINUATION;
import static io.dropserver.web.site.RawHttp2.DATA;
import static io.dropserver.web.site.RawHttp2.END_HEADERS;
import static io.dropserver.web.site.RawHttp2.END_STREAM;
import static io.dropserver.web.site.RawHttp2.HEADERS;
import static io.dropserver.web.site.RawHttp2.PING;
import static io.dropserver.web.site.RawHttp2.PRIORITY;
import static io.dropserver.web.site.RawHttp2.RST_STREAM;
import static io.dropserver.web.site.RawHttp2.SETTINGS;
import static io.dropserver.web.site.RawHttp2.WINDOW_UPDATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.schema.instance.Appspace.AccessMode;
import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import io.dropserver.state.site.Site;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/2 attacks: the attacker's connection ends soon, and other clients are still served. */
@Tag("slow")
class Http2AttackTest {
  /** More frames than any of these attacks may get through. */
  private static final int MANY = 20_000;

  private static final int NO_ERROR = 0;
  private static final int REFUSED_STREAM = 7;

  private static final Site NOTES =
      Sites.site(
          "notes",
          "localhost",
          AccessMode.PUBLIC,
          List.of(),
          BrowserPolicy.STRICT,
          Duration.ofSeconds(10),
          new Site.Serving());

  @TempDir private Path folder;
  private TlsFrontDoor secure;
  private FrontDoorFixture door;
  private int port;

  /** No attack may end only because the connection was idle. */
  @BeforeEach
  void open() throws IOException {
    open(Duration.ofSeconds(60));
  }

  private void impatient() throws IOException {
    secure.close();
    open(Duration.ofSeconds(2));
  }

  private void open(Duration idle) throws IOException {
    FrontDoorLimits limits =
        new FrontDoorLimits(
            1 << 20,
            200,
            100,
            200,
            100,
            idle,
            Duration.ofSeconds(60),
            500,
            Duration.ofHours(1),
            1000);
    secure = new TlsFrontDoor(folder, List.of("home.localhost", "localhost"), limits);
    door = secure.door;
    port = secure.port();
  }

  @AfterEach
  void close() throws IOException {
    secure.close();
  }

  private FakeApp answering(String body) throws IOException {
    return door.app(
        NOTES,
        connection -> {
          while (!connection.head().isEmpty()) {
            connection.send(
                "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
          }
        });
  }

  private RawHttp2 attacker(int... settings) throws Exception {
    return new RawHttp2(secure.authority.clientContext(), port, settings);
  }

  private byte[] get(String... headers) {
    return RawHttp2.get("localhost:" + port, headers);
  }

  /**
   * Sends until the server closes the connection, and returns whether it did. The last frames may
   * still be in buffers when all are sent.
   */
  private static boolean flood(RawHttp2 attacker, int most, Sending sending)
      throws InterruptedException {
    try {
      for (int i = 0; i < most; i++) {
        sending.send(i);
      }
    } catch (IOException e) {
      // it has been closed
    }
    return attacker.endsWithin(30);
  }

  private interface Sending {
    void send(int number) throws IOException;
  }

  private void assertOthersAreServed() throws Exception {
    try (HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_2)
            .sslContext(secure.authority.clientContext())
            .build()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("https://localhost:" + port + "/"))
              .timeout(Duration.ofSeconds(10))
              .build();
      assertThat(client.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    }
  }

  /** CVE-2023-44487 (rapid reset). */
  @Test
  void rapidlyCancelledRequestsEndTheConnection() throws Exception {
    FakeApp app = answering("ok");
    try (RawHttp2 attacker = attacker()) {
      boolean ended =
          flood(
              attacker,
              MANY,
              number -> {
                int stream = 2 * number + 1;
                attacker.send(HEADERS, END_STREAM | END_HEADERS, stream, get());
                attacker.send(RST_STREAM, 0, stream, RawHttp2.number(8));
              });
      assertThat(ended).isTrue();
      assertThat(attacker.error.get()).isNotEqualTo(NO_ERROR);
      assertThat(app.heads.size()).isLessThan(1_000);
      door.awaitNoLease();
    }
    assertOthersAreServed();
  }

  /** CVE-2024-27316 and similar: a head that never ends. */
  @Test
  void aHeadThatNeverEndsEndsTheConnection() throws Exception {
    answering("ok");
    try (RawHttp2 attacker = attacker()) {
      attacker.send(HEADERS, END_STREAM, 1, get());
      byte[] part = get("x-long", "x".repeat(8_000));
      byte[] rest = java.util.Arrays.copyOfRange(part, part.length - 8_010, part.length);
      assertThat(flood(attacker, MANY / 10, _ -> attacker.send(CONTINUATION, 0, 1, rest))).isTrue();
    }
    try (RawHttp2 attacker = attacker()) {
      attacker.send(HEADERS, END_STREAM, 1, get());
      assertThat(flood(attacker, MANY, _ -> attacker.send(CONTINUATION, 0, 1, new byte[0])))
          .as("by empty parts")
          .isTrue();
    }
    assertOthersAreServed();
  }

  /** A small header block that expands when it is decoded. */
  @Test
  void aHeadThatGrowsWhenItIsDecodedIsRefused() throws Exception {
    FakeApp app = answering("ok");
    try (RawHttp2 attacker = attacker()) {
      ByteArrayOutputStream block = new ByteArrayOutputStream();
      block.writeBytes(get());
      block.write(0x40); // literal with indexing; entry 62 afterwards
      RawHttp2.text(block, "x-bomb");
      RawHttp2.text(block, "x".repeat(3_900));
      for (int i = 0; i < 10_000; i++) {
        block.write(0x80 | 62);
      }
      attacker.send(HEADERS, END_STREAM | END_HEADERS, 1, block.toByteArray());
      await()
          .until(
              () ->
                  attacker.received(HEADERS) + attacker.received(RST_STREAM) > 0
                      || ended(attacker));
      assertThat(app.heads).isEmpty();
    }
    assertOthersAreServed();
  }

  private static boolean ended(RawHttp2 attacker) throws InterruptedException {
    return attacker.endsWithin(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "settings",
        "ping",
        "priority",
        "window",
        "no window",
        "empty data",
        "unknown reset"
      })
  void floodsOfUselessFramesEndTheConnection(String kind) throws Exception {
    answering("ok");
    try (RawHttp2 attacker = attacker()) {
      if (kind.equals("empty data")) {
        byte[] post = get();
        post[0] = (byte) 0x83; // POST
        attacker.send(HEADERS, END_HEADERS, 1, post);
      }
      boolean ended =
          flood(
              attacker,
              MANY,
              number -> {
                switch (kind) {
                  case "settings" -> attacker.send(SETTINGS, 0, 0, new byte[] {0, 4, 0, 0, 0, 1});
                  case "ping" -> attacker.send(PING, 0, 0, new byte[8]);
                  case "priority" ->
                      attacker.send(PRIORITY, 0, 2 * number + 1, new byte[] {0, 0, 0, 0, 9});
                  case "window" -> attacker.send(WINDOW_UPDATE, 0, 0, RawHttp2.number(1 << 30));
                  case "no window" -> attacker.send(WINDOW_UPDATE, 0, 1, RawHttp2.number(0));
                  case "empty data" -> attacker.send(DATA, 0, 1, new byte[0]);
                  default -> attacker.send(RST_STREAM, 0, 1, RawHttp2.number(8));
                }
              });
      assertThat(ended).isTrue();
    }
    assertOthersAreServed();
  }

  @Test
  void othersAreServedBesideTinyDataFramesWithoutEnd() throws Exception {
    door.declare(NOTES);
    door.leases.serve("notes", door.socket("notes"));
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    for (int i = 0; i < 5_000; i++) {
      frames.writeBytes(RawHttp2.frame(DATA, 0, 1, new byte[1]));
    }
    List<RawHttp2> attackers = new ArrayList<>();
    try (FloodingApp _ = new FloodingApp(door.socket("notes"), "", "")) {
      for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
        RawHttp2 attacker = attacker();
        attackers.add(attacker);
        attacker.send(HEADERS, END_HEADERS, 1, get());
      }
      for (RawHttp2 attacker : attackers) {
        Thread.ofPlatform().daemon().start(() -> repeat(attacker, frames.toByteArray()));
      }
      for (int i = 0; i < 40; i++) {
        long start = System.nanoTime();
        assertThat(fromTheShell()).startsWith("HTTP/1.1 ");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
      }
    } finally {
      for (RawHttp2 attacker : attackers) {
        attacker.close();
      }
    }
  }

  private static void repeat(RawHttp2 attacker, byte[] frames) {
    try {
      while (true) {
        attacker.sendRaw(frames);
      }
    } catch (IOException over) {
      // The test or the front door closed the connection.
    }
  }

  /** Returns the status line. */
  private String fromTheShell() throws Exception {
    try (Socket client =
        secure
            .authority
            .clientContext()
            .getSocketFactory()
            .createSocket(InetAddress.getLoopbackAddress(), port)) {
      client.setSoTimeout(20_000);
      String request = "GET / HTTP/1.1\r\nHost: home.localhost:" + port + "\r\n\r\n";
      client.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new BufferedReader(
              new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1))
          .readLine();
    }
  }

  /** The attacker never opens its flow control window, so its requests wait until they time out. */
  @Test
  void aClientThatReadsNothingIsDisconnectedAndReleasesTheSandbox() throws Exception {
    impatient();
    answering("x".repeat(1 << 20));
    int initialWindow = 4;
    try (RawHttp2 attacker = attacker(initialWindow, 0)) {
      for (int stream = 1; stream < 100; stream += 2) {
        attacker.send(HEADERS, END_STREAM | END_HEADERS, stream, get());
      }
      await().until(() -> attacker.received(HEADERS) > 0);
      assertOthersAreServed();
      await().until(() -> door.leases.held.get() == 0);
      assertThat(attacker.data.get()).isZero();
    }
  }

  @Test
  void concurrentRequestsAreLimitedPerConnection() throws Exception {
    Semaphore wait = new Semaphore(0);
    AtomicInteger requests = new AtomicInteger();
    door.app(
        NOTES,
        connection -> {
          while (!connection.head().isEmpty()) {
            requests.incrementAndGet();
            wait.acquire();
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
          }
        });
    try (RawHttp2 attacker = attacker()) {
      for (int number = 0; number < 150; number++) {
        attacker.send(HEADERS, END_STREAM | END_HEADERS, 2 * number + 1, get());
      }
      // On a busy machine a few requests do not reach the app; their responses make room for
      // others.
      await()
          .until(
              () ->
                  attacker.received(RST_STREAM) + attacker.received(HEADERS) >= 150 - 64
                      || ended(attacker));
      assertThat(attacker.error.get()).isEqualTo(REFUSED_STREAM);
      assertThat(requests.get()).isLessThanOrEqualTo(64);
      wait.release(1_000);
    }
    door.awaitNoLease();
    assertOthersAreServed();
  }

  /** Sends the longest TLS record one byte at a time, so that the connection is never idle. */
  @Test
  void aSlowlySentHandshakeTimesOut() throws Exception {
    impatient();
    answering("ok");
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write(new byte[] {22, 3, 1, 0x40, 0, 1, 0, 0x3f, (byte) 0xfc});
      await()
          .pollInterval(Duration.ofMillis(100))
          .until(
              () -> {
                try {
                  socket.getOutputStream().write(3);
                  return false;
                } catch (IOException closed) {
                  return true;
                }
              });
      await().until(() -> door.server.connections() == 0);
    }
    assertOthersAreServed();
  }

  @Test
  void anUnfinishedFrameTimesOut() throws Exception {
    impatient();
    answering("ok");
    try (RawHttp2 attacker = attacker()) {
      byte[] frame = RawHttp2.frame(HEADERS, END_STREAM | END_HEADERS, 1, get());
      attacker.sendRaw(java.util.Arrays.copyOf(frame, frame.length - 5));
      assertThat(attacker.endsWithin(15)).isTrue();
    }
    assertOthersAreServed();
  }
}
