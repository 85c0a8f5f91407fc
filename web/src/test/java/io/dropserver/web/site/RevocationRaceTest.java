package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.dropserver.schema.instance.Appspace.AccessMode;
import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import io.dropserver.state.site.Site;
import io.dropserver.web.access.AccessEndedException;
import io.dropserver.web.access.AccessRight;
import io.dropserver.web.access.OpenExchange;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Changes of access that coincide with another step of an exchange. */
class RevocationRaceTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private FrontDoorFixture door;
  private FakeApp app;
  private final Semaphore received = new Semaphore(0);

  @BeforeEach
  void open() throws IOException {
    door = new FrontDoorFixture();
    app =
        door.app(
            notes(AccessMode.PUBLIC),
            connection -> {
              for (String head = connection.head(); !head.isEmpty(); head = connection.head()) {
                received.release();
                if (head.startsWith("GET /wait")) {
                  connection.in.read();
                  return;
                }
                connection.send(OK);
              }
            });
  }

  @AfterEach
  void close() throws IOException {
    door.leases.waiting = _ -> {};
    door.close();
  }

  private static Site notes(AccessMode access) {
    return Sites.site(
        "notes",
        "notes." + FrontDoorFixture.DOMAIN,
        access,
        List.of(),
        BrowserPolicy.STRICT,
        Duration.ofSeconds(60),
        new Site.Serving());
  }

  private OpenExchange exchange() {
    AccessRight right =
        AccessRight.of(notes(AccessMode.PUBLIC), Optional.empty(), "/").orElseThrow();
    return door.server.exchanges().exchange(right);
  }

  @Test
  void aChangeBetweenTheCheckAndTheRegistrationEndsTheExchange() {
    try (OpenExchange exchange = exchange()) {
      door.declare(notes(AccessMode.MEMBERS));
      assertThatExceptionOfType(AccessEndedException.class).isThrownBy(exchange::begin);
      assertThat(exchange.hasEnded()).isTrue();
    }
    assertThat(door.server.exchanges().size()).isZero();
  }

  @Test
  void whatBeginsAfterTheEndIsRefusedAndEnded() throws IOException {
    AtomicBoolean closed = new AtomicBoolean();
    AtomicBoolean withdrawn = new AtomicBoolean();
    AtomicBoolean late = new AtomicBoolean();
    try (OpenExchange exchange = exchange()) {
      exchange.begin();
      var _ = exchange.onEnd(() -> closed.set(true));
      OpenExchange.Ending pooled = exchange.onEnd(() -> withdrawn.set(true));
      assertThat(pooled.withdraw()).isTrue();
      OpenExchange.Ending used = exchange.onEnd(() -> {});
      door.declare(notes(AccessMode.MEMBERS));
      assertThat(closed).isTrue();
      assertThat(withdrawn).as("a connection that was given back to the pool").isFalse();
      assertThat(used.withdraw()).as("may be given back to the pool").isFalse();
      assertThatExceptionOfType(AccessEndedException.class)
          .isThrownBy(() -> exchange.onEnd(() -> late.set(true)));
      assertThat(late).isTrue();
      assertThatExceptionOfType(AccessEndedException.class)
          .isThrownBy(() -> exchange.whileAdmitted(() -> {}));
      assertThatExceptionOfType(AccessEndedException.class)
          .isThrownBy(() -> exchange.becomeWebSocket(() -> {}));
      assertThat(exchange.isWebSocket()).isFalse();
    }
  }

  /** A request whose client has left would otherwise wait, and take a place from another. */
  @Test
  void anExchangeThatEndsLeavesTheQueueForPlaces() throws Exception {
    Semaphore left = new Semaphore(0);
    door.leases.waiting =
        abandoned -> {
          await().until(abandoned::getAsBoolean);
          left.release();
        };
    try (RawHttpClient page = new RawHttpClient(door.port())) {
      page.send(door.request("GET", "notes", "/"));
      await().until(() -> !door.leases.callers.isEmpty());
      assertThat(left.availablePermits()).isZero();
      door.declare(notes(AccessMode.MEMBERS));
      assertThat(left.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
      assertThat(page.answer(false).status()).isEqualTo(403);
    }
  }

  @Test
  void anExchangeThatEndsWhileItWaitsForALeaseReachesNoApp() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    Semaphore waits = new Semaphore(0);
    door.leases.waiting =
        _ -> {
          waits.release();
          try {
            gate.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        };
    try (RawHttpClient page = new RawHttpClient(door.port());
        RawHttpClient socket = new RawHttpClient(door.port())) {
      page.send(door.request("GET", "notes", "/"));
      socket.send(
          door.request(
              "GET",
              "notes",
              "/socket",
              "Connection: Upgrade",
              "Upgrade: websocket",
              "Sec-WebSocket-Version: 13",
              "Sec-WebSocket-Key: " + FakeApp.WEBSOCKET_KEY));
      assertThat(waits.tryAcquire(2, 20, TimeUnit.SECONDS)).isTrue();
      door.declare(notes(AccessMode.MEMBERS));
      gate.countDown();
      assertThat(page.answer(false).status()).isEqualTo(403);
      assertThat(socket.answer(false).status()).isEqualTo(403);
    }
    door.awaitNoLease();
    assertThat(app.heads).isEmpty();
  }

  @Test
  void aPipelinedRequestIsCheckedByTheNewTable() throws Exception {
    try (RawHttpClient client = new RawHttpClient(door.port())) {
      client.send(door.request("GET", "notes", "/wait") + door.request("GET", "notes", "/next"));
      received.acquire();
      door.declare(notes(AccessMode.MEMBERS));
      RawHttpClient.Answer first = client.answer(false);
      assertThat(first.status()).isEqualTo(403);
      assertThat(first.body()).contains("Access has changed");
      assertThat(client.answer(false).status()).isEqualTo(404);
    }
    assertThat(app.heads).hasSize(1);
  }

  private static long readToEnd(RawHttpClient client) {
    long count = 0;
    try {
      byte[] buffer = new byte[1 << 16];
      for (int read = client.in.read(buffer); read >= 0; read = client.in.read(buffer)) {
        count += read;
      }
    } catch (IOException e) {
      // The connection was reset.
    }
    return count;
  }

  /** Otherwise the write to a client that takes nothing would last for a minute. */
  @Test
  void aClientThatReadsNothingKeepsNoEndedExchangeOpen() throws Exception {
    Semaphore stuck = new Semaphore(0);
    app =
        door.app(
            notes(AccessMode.PUBLIC),
            connection -> {
              connection.head();
              connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
              stuck.release();
              byte[] much = new byte[1 << 20];
              for (int i = 0; i < 900; i++) {
                connection.send(much);
              }
            });
    try (RawHttpClient client = new RawHttpClient(door.port())) {
      client.send(door.request("GET", "notes", "/"));
      stuck.acquire();
      assertThat(client.head().status()).isEqualTo(200);
      door.declare(notes(AccessMode.MEMBERS));
      door.awaitNoLease();
      assertThat(readToEnd(client)).as("what was in the buffers of the kernel").isLessThan(1 << 28);
    }
  }

  @Test
  void noExchangeSurvivesChangesThatCoincideWithRequests() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    ConcurrentLinkedQueue<Integer> statuses = new ConcurrentLinkedQueue<>();
    List<Thread> clients = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      clients.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    while (!done.get()) {
                      try {
                        statuses.add(door.get("notes", "/wait").status());
                      } catch (IOException e) {
                        statuses.add(0);
                      }
                    }
                  }));
    }
    for (int i = 0; i < 100; i++) {
      door.declare(notes(AccessMode.PUBLIC));
      assertThat(received.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
      door.declare(notes(AccessMode.MEMBERS));
    }
    done.set(true);
    for (Thread client : clients) {
      assertThat(client.join(Duration.ofSeconds(20))).as("every request has ended").isTrue();
    }
    assertThat(statuses).isSubsetOf(403, 404);
    door.awaitNoLease();
    await().until(() -> door.server.exchanges().size() == 0);
  }

  @Test
  void anUploadThatTakesTooLongIsRefusedWithStatus408() throws Exception {
    FrontDoorLimits usual = FrontDoorLimits.DEFAULT;
    FrontDoorLimits limits =
        new FrontDoorLimits(
            1000,
            usual.requestsPerAppspace(),
            usual.requestsPerClient(),
            usual.tunnelsPerAppspace(),
            usual.tunnelsPerClient(),
            usual.clientIdle(),
            usual.streamIdle(),
            usual.bytesPerSecond(),
            Duration.ZERO,
            usual.connections());
    try (FrontDoorFixture strict = new FrontDoorFixture(limits, List.of())) {
      strict.app(
          notes(AccessMode.PUBLIC),
          connection -> {
            while (connection.in.read() >= 0) {
              // Read to the end.
            }
          });
      for (String framing : new String[] {"Transfer-Encoding: chunked", "Content-Length: 5"}) {
        RawHttpClient.Answer answer =
            RawHttpClient.ask(
                strict.port(), strict.request("POST", "notes", "/", framing) + "5\r\nhello\r\n");
        assertThat(answer.status()).isEqualTo(408);
        assertThat(answer.body()).contains("Too slow", "longer than 0 minutes");
      }
      strict.awaitNoLease();
    }
  }
}
