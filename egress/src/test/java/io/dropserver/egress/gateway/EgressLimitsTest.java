package io.dropserver.egress.gateway;

import static io.dropserver.egress.gateway.GatewayFixture.readAll;
import static io.dropserver.egress.gateway.GatewayFixture.readUntil;
import static io.dropserver.egress.gateway.GatewayFixture.write;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.schema.instance.Limits;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits on the use of the gateway by one appspace. */
@Timeout(60)
@Tag("slow")
class EgressLimitsTest {
  @TempDir private Path folder;

  private GatewayFixture open(int connections, long bytesPerHour, Duration total)
      throws IOException {
    EgressLimits usual = GatewayFixture.quick();
    EgressLimits limits =
        new EgressLimits(
            usual.totalConnections(),
            connections,
            100,
            100,
            bytesPerHour,
            usual.firstRequest(),
            usual.connect(),
            usual.responseHead(),
            usual.idle(),
            total);
    GatewayFixture opened = new GatewayFixture(folder, limits, List.of(), "127.0.0.1/32");
    opened.resolves("name.test", "127.0.0.1");
    return opened;
  }

  private static String url(LoopbackServer at) {
    return "http://name.test:" + at.port() + "/";
  }

  private static String get(String url) {
    return "GET " + url + " HTTP/1.1\r\nHost: x\r\n\r\n";
  }

  /** Other tests use shorter times. */
  @Test
  void theDefaultTimesAreThoseOfTheBudgets() {
    assertThat(EgressLimits.DEFAULT.firstRequest()).isEqualTo(Duration.ofSeconds(10));
    assertThat(EgressLimits.DEFAULT.connect()).isEqualTo(Duration.ofSeconds(10));
    assertThat(EgressLimits.DEFAULT.responseHead()).isEqualTo(Duration.ofMinutes(2));
  }

  @Test
  void aConnectionBeyondTheLimitWaitsAndThoseOfOthersDoNot() throws Exception {
    CountDownLatch answered = new CountDownLatch(1);
    try (LoopbackServer slow =
            LoopbackServer.plain(
                (request, out) -> {
                  await().forever().until(() -> answered.getCount() == 0);
                  LoopbackServer.echo(request, out);
                });
        LoopbackServer quick = LoopbackServer.plain(LoopbackServer::echo);
        GatewayFixture limited = open(2, 1_000_000, Duration.ofMinutes(1));
        SocketChannel first = limited.connect();
        SocketChannel second = limited.connect()) {
      limited.allow(url(slow), url(quick));
      write(first, get(url(slow)));
      write(second, get(url(slow)));
      await().until(() -> slow.requests().size() == 2);
      try (SocketChannel third = limited.connect()) {
        write(third, get(url(quick)));
        assertThat(ofAnother(limited, quick)).startsWith("HTTP/1.1 200");
        await().during(Duration.ofMillis(500)).until(() -> quick.requests().size() == 1);
        answered.countDown();
        assertThat(readUntil(first, "GET / 0")).startsWith("HTTP/1.1 200");
        assertThat(readUntil(second, "GET / 0")).startsWith("HTTP/1.1 200");
        first.shutdownOutput();
        assertThat(readUntil(third, "GET / 0")).startsWith("HTTP/1.1 200");
      }
    }
  }

  private String ofAnother(GatewayFixture limited, LoopbackServer server) throws IOException {
    EgressAccount other = limited.gateway.account("other");
    other.applyPolicy(GatewayFixture.policy(List.of(url(server)), List.of()));
    Path socket = folder.resolve("other.sock");
    try (Closeable _ = limited.gateway.listen(other, socket);
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      write(channel, get(url(server)));
      return readUntil(channel, "GET / 0");
    }
  }

  @Test
  void requestsBeyondTheRateWaitAlsoWhenTheyAreRefused() throws Exception {
    try (GatewayFixture limited = open(4, 1_000_000, Duration.ofMinutes(1));
        SocketChannel app = limited.connect()) {
      long start = System.nanoTime();
      write(app, get("http://name.test/").repeat(199));
      write(app, "GET http://name.test/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      String answers = readAll(app);
      // The burst is 100, the rate 100 a second, and the connection counts as one request.
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(900));
      assertThat(answers.split("HTTP/1.1 403", -1)).hasSize(201);
    }
  }

  @Test
  void connectionsBeyondTheRateWait() throws Exception {
    try (GatewayFixture limited = open(4, 1_000_000, Duration.ofMinutes(1))) {
      long start = System.nanoTime();
      for (int i = 0; i < 150; i++) {
        limited.connect().close();
      }
      assertThat(limited.get("http://name.test/")).startsWith("HTTP/1.1 403");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(400));
    }
  }

  @Test
  void onlyTheBeginningOfARefusedBodyIsRead() throws Exception {
    try (GatewayFixture limited = open(4, 16L << 30, Duration.ofMinutes(1));
        SocketChannel app = limited.connect()) {
      write(app, "POST http://name.test/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n");
      ByteBuffer body = ByteBuffer.allocate(64 << 10);
      long sent = 0;
      try {
        while (sent < 100_000_000) {
          sent += app.write(body.clear());
        }
      } catch (IOException closed) {
        // Only the drained part and the contents of the socket's buffers were sent.
      }
      assertThat(sent).isLessThan(2 << 20);
      assertThat(readAll(app)).startsWith("HTTP/1.1 403").contains("not whitelisted");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Content-Length: 10000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n0\r\nX: "})
  void aRefusedBodyThatDripsIsReadForAMoment(String framing) throws Exception {
    try (GatewayFixture limited = open(4, 16L << 30, Duration.ofMinutes(1));
        SocketChannel app = limited.connect()) {
      write(app, "POST http://name.test/ HTTP/1.1\r\nHost: x\r\n" + framing);
      long start = System.nanoTime();
      Thread dripping = Thread.ofVirtual().start(() -> drip(app));
      assertThat(readAll(app)).startsWith("HTTP/1.1 403");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
      dripping.interrupt();
    }
  }

  /** Until the connection is closed. */
  private static void drip(SocketChannel app) {
    try {
      while (!Thread.interrupted()) {
        write(app, "x");
        LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
      }
    } catch (IOException closed) {
      // As it should be.
    }
  }

  @Test
  void headsOfRefusedRequestsCountAsBytesAndTheirAppWaits() throws Exception {
    String head =
        "GET http://denied.test/ HTTP/1.1\r\nHost: x\r\nX: %s\r\n".formatted("x".repeat(30_000));
    try (LoopbackServer server = LoopbackServer.plain(LoopbackServer::echo);
        GatewayFixture limited = open(4, 100_000, Duration.ofMinutes(1));
        SocketChannel app = limited.connect()) {
      limited.allow(url(server));
      assertThat(limited.get(url(server))).contains("GET / 0");
      long start = System.nanoTime();
      write(app, (head + "\r\n").repeat(4) + head + "Connection: close\r\n\r\n");
      assertThat(readAll(app).split("HTTP/1.1 403", -1)).hasSize(6);
      // The first three are within the hour's bytes; each of the others waits for a second.
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(1));
      assertThat(limited.get(url(server))).doesNotContain("GET / 0");
    }
  }

  @Test
  void bytesReadFromRefusedBodiesCountTowardsTheLimit() throws Exception {
    try (LoopbackServer server = LoopbackServer.plain(LoopbackServer::echo);
        GatewayFixture limited = open(4, 20_000, Duration.ofMinutes(1))) {
      limited.allow(url(server));
      assertThat(limited.get(url(server))).contains("GET / 0");
      String post = "POST http://denied.test/ HTTP/1.1\r\nHost: x\r\nContent-Length: 15000\r\n\r\n";
      for (int i = 0; i < 2; i++) {
        assertThat(limited.send(post + "x".repeat(15_000))).startsWith("HTTP/1.1 403");
      }
      await().untilAsserted(() -> assertThat(limited.get(url(server))).doesNotContain("GET / 0"));
    }
  }

  @Test
  void aChangedLimitAppliesAtOnce() throws Exception {
    try (LoopbackServer server =
            LoopbackServer.plain(
                (request, out) -> LoopbackServer.ok(out, "GET", "x".repeat(100_000)));
        GatewayFixture limited = open(1, 1_000, Duration.ofMinutes(1));
        SocketChannel first = limited.connect()) {
      limited.allow(url(server));
      write(first, "GET ");
      await().until(() -> limited.account.openConnections() == 1);
      try (SocketChannel second = limited.connect()) {
        write(second, get(url(server)));
        await().during(Duration.ofMillis(500)).until(() -> server.requests().isEmpty());
        limited.account.applyLimits(new Limits.AppspaceEgressLimits(100, 2, 1L << 30));
        assertThat(readUntil(second, "x".repeat(100_000))).startsWith("HTTP/1.1 200");
      }
      limited.account.applyLimits(new Limits.AppspaceEgressLimits(100, 2, 1_000));
      assertThat(limited.get(url(server)).length()).isLessThan(50_000);
    }
  }

  @Test
  void aHeadThatIsTooLargeIsRefusedAndNotForwarded() throws Exception {
    try (LoopbackServer server = LoopbackServer.plain(LoopbackServer::echo);
        GatewayFixture limited = open(4, 1_000_000, Duration.ofMinutes(1))) {
      limited.allow(url(server));
      String start = "GET " + url(server) + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
      String large = "X-Large: " + "x".repeat(32 << 10) + "\r\n";
      assertThat(limited.send(start + large + "\r\n")).startsWith("HTTP/1.1 200");
      assertThat(limited.send(start + large + large + "\r\n")).startsWith("HTTP/1.1 400");
      assertThat(limited.send(start + "X: y\r\n".repeat(201) + "\r\n"))
          .startsWith("HTTP/1.1 400")
          .contains("more than 200 headers");
      assertThat(server.requests()).hasSize(1);
    }
  }

  @Test
  void aDestinationsHeadThatIsTooLargeIsNotPassedOn() throws Exception {
    String large = "HTTP/1.1 200 OK\r\nX-Large: " + "x".repeat(129 << 10) + "\r\n\r\n";
    try (LoopbackServer server =
            LoopbackServer.plain((request, out) -> out.write(large.getBytes(US_ASCII)));
        GatewayFixture limited = open(4, 1_000_000, Duration.ofMinutes(1))) {
      limited.allow(url(server));
      assertThat(limited.get(url(server))).startsWith("HTTP/1.1 502").doesNotContain("X-Large");
    }
  }

  @Test
  void aBodyBeyondTheHourlyByteLimitIsCutOff() throws Exception {
    try (LoopbackServer server = LoopbackServer.plain(LoopbackServer::echo);
        GatewayFixture limited = open(4, 100_000, Duration.ofMinutes(1))) {
      limited.allow(url(server));
      String post = "POST " + url(server) + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
      String body = "Content-Length: 1000000\r\n\r\n" + "x".repeat(1_000_000);
      assertThat(limited.send(post + body)).doesNotContain("HTTP/1.1 200");
      await().until(() -> server.open() == 0);
    }
  }

  @Test
  void anEndlessRequestIsCutOffAtItsTimeout() throws Exception {
    try (LoopbackServer endless =
            LoopbackServer.plain(
                (request, out) -> {
                  out.write("HTTP/1.1 200 OK\r\n\r\nbegun".getBytes(US_ASCII));
                  dribble(out);
                });
        GatewayFixture limited = open(4, 1_000_000, Duration.ofSeconds(2));
        SocketChannel app = limited.connect()) {
      limited.allow(url(endless));
      write(app, get(url(endless)));
      assertThat(readUntil(app, "begun")).startsWith("HTTP/1.1 200");
      assertThat(readAll(app)).doesNotContain("0\r\n\r\n");
      await().until(() -> endless.open() == 0);
    }
  }

  /** Writes until the connection is closed. */
  private static void dribble(OutputStream out) throws IOException {
    while (true) {
      out.write('.');
      out.flush();
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
  }
}
