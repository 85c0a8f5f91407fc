package io.dropserver.web.site;

import static io.dropserver.web.site.RawHttp2.DATA;
import static io.dropserver.web.site.RawHttp2.END_HEADERS;
import static io.dropserver.web.site.RawHttp2.END_STREAM;
import static io.dropserver.web.site.RawHttp2.GOAWAY;
import static io.dropserver.web.site.RawHttp2.HEADERS;
import static io.dropserver.web.site.RawHttp2.PING;
import static io.dropserver.web.site.RawHttp2.RST_STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.instance.Appspace.AccessMode;
import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import io.dropserver.state.condition.SandboxReason;
import io.dropserver.state.site.Site;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The end of access over HTTP/2: the streams end, and their connection does not. */
class RevocationHttp2Test {
  private static final int POST = 0x83;
  private static final int CANCEL = 8;

  @TempDir private Path folder;
  private TlsFrontDoor secure;
  private FrontDoorFixture door;

  @BeforeEach
  void open() throws Exception {
    secure =
        new TlsFrontDoor(folder, List.of("home.localhost", "localhost"), FrontDoorLimits.DEFAULT);
    door = secure.door;
  }

  @AfterEach
  void close() throws Exception {
    secure.close();
  }

  private static Site notes(AccessMode access) {
    return Sites.site(
        "notes",
        "localhost",
        access,
        List.of(),
        BrowserPolicy.STRICT,
        Duration.ofSeconds(60),
        new Site.Serving());
  }

  private byte[] head(boolean post) {
    byte[] block = RawHttp2.get("localhost:" + secure.port());
    if (post) {
      block[0] = (byte) POST;
    }
    return block;
  }

  /** Requests something on the same connection, and waits for the response and a ping. */
  private void assertConnectionIsAlive(RawHttp2 client, int stream) throws Exception {
    int before = client.received(HEADERS);
    client.send(HEADERS, END_HEADERS | END_STREAM, stream, head(false));
    await().until(() -> client.received(HEADERS) > before);
    client.send(PING, 0, 0, new byte[8]);
    await().until(() -> client.received(PING) > 0);
    assertThat(client.received(GOAWAY)).isZero();
  }

  @Test
  void anUploadAndAPendingRequestEndAndTheirConnectionDoesNot() throws Exception {
    AtomicReference<String> received = new AtomicReference<>("");
    Semaphore ended = new Semaphore(0);
    FakeApp app =
        door.app(
            notes(AccessMode.PUBLIC),
            connection -> {
              connection.head();
              for (int b = connection.in.read(); b >= 0; b = connection.in.read()) {
                received.accumulateAndGet(String.valueOf((char) b), String::concat);
              }
              ended.release();
            });
    try (RawHttp2 client = new RawHttp2(secure.authority.clientContext(), secure.port())) {
      client.send(HEADERS, END_HEADERS, 1, head(true));
      client.send(DATA, 0, 1, RevocableExchange.BEFORE.getBytes(StandardCharsets.US_ASCII));
      client.send(HEADERS, END_HEADERS | END_STREAM, 3, head(false));
      await().until(() -> received.get().contains(RevocableExchange.BEFORE));
      await().until(() -> app.heads.size() == 2);
      door.declare(notes(AccessMode.MEMBERS));
      ended.acquire(2);
      client.send(DATA, 0, 1, RevocableExchange.AFTER.getBytes(StandardCharsets.US_ASCII));
      await().untilAsserted(() -> assertThat(client.received(HEADERS)).isEqualTo(2));
      assertConnectionIsAlive(client, 5);
    }
    assertThat(received.get()).doesNotContain(RevocableExchange.AFTER);
    door.awaitNoLease();
  }

  /** Otherwise it would take a place from a client that still waits. */
  @Test
  void aClientThatResetsItsStreamLeavesTheQueueForPlaces() throws Exception {
    door.app(
        notes(AccessMode.PUBLIC),
        connection -> {
          connection.head();
          connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        });
    Semaphore left = new Semaphore(0);
    door.leases.waiting =
        abandoned -> {
          await().until(abandoned::getAsBoolean);
          left.release();
          throw new SandboxException(SandboxReason.NOT_RUNNING, "the client has left");
        };
    try (RawHttp2 client = new RawHttp2(secure.authority.clientContext(), secure.port())) {
      client.send(HEADERS, END_HEADERS | END_STREAM, 1, head(false));
      await().until(() -> !door.leases.callers.isEmpty());
      assertThat(left.availablePermits()).isZero();
      client.send(RST_STREAM, 0, 1, RawHttp2.number(CANCEL));
      assertThat(left.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
      door.leases.waiting = _ -> {};
      assertConnectionIsAlive(client, 3);
    }
    door.awaitNoLease();
    await().until(() -> door.server.exchanges().size() == 0);
  }

  @Test
  void aStreamThatIsNotReadEndsAndItsConnectionDoesNot() throws Exception {
    door.app(
        notes(AccessMode.PUBLIC),
        connection -> {
          connection.head();
          connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
          while (true) {
            connection.send(new byte[1 << 16]);
          }
        });
    try (RawHttp2 client = new RawHttp2(secure.authority.clientContext(), secure.port())) {
      client.send(HEADERS, END_HEADERS | END_STREAM, 1, head(false));
      await().until(() -> client.data.get() == 65_535); // the window of a client that takes nothing
      door.declare(notes(AccessMode.MEMBERS));
      await().untilAsserted(() -> assertThat(client.received(RST_STREAM)).isEqualTo(1));
      door.awaitNoLease();
      assertConnectionIsAlive(client, 3);
    }
  }
}
