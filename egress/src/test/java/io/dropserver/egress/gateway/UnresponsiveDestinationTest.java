package io.dropserver.egress.gateway;

import static io.dropserver.egress.gateway.GatewayFixture.policy;
import static io.dropserver.egress.gateway.GatewayFixture.readAll;
import static io.dropserver.egress.gateway.GatewayFixture.readUntil;
import static io.dropserver.egress.gateway.GatewayFixture.write;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Destinations and name servers that never finish do not occupy resources forever. */
@Timeout(60)
@Tag("slow")
class UnresponsiveDestinationTest {
  private static final Duration FOREVER = Duration.ofMinutes(10);

  @TempDir private Path folder;

  private GatewayFixture open(long total, int connections, Duration connect, Duration response)
      throws IOException {
    EgressLimits usual = GatewayFixture.quick();
    EgressLimits limits =
        new EgressLimits(
            total,
            connections,
            1_000,
            1_000,
            usual.bytesPerHour(),
            usual.firstRequest(),
            connect,
            response,
            usual.idle(),
            FOREVER);
    GatewayFixture opened = new GatewayFixture(folder, limits, List.of(), "127.0.0.1/32");
    opened.resolves("name.test", "127.0.0.1");
    return opened;
  }

  /** Sends the beginning, and then single bytes, faster than a read timeout. */
  private static final class Dripping implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    Dripping(byte[] beginning) throws IOException {
      var _ = Thread.ofVirtual().start(() -> accept(beginning));
    }

    /** The header of a TLS record of 16 KiB, whose content follows byte by byte. */
    static Dripping handshake() throws IOException {
      return new Dripping(new byte[] {22, 3, 3, 0x40, 0});
    }

    private void accept(byte[] beginning) {
      try {
        while (true) {
          Socket socket = server.accept();
          open.add(socket);
          var _ = Thread.ofVirtual().start(() -> drip(socket, beginning));
        }
      } catch (IOException closed) {
        // The test is over.
      }
    }

    private void drip(Socket socket, byte[] beginning) {
      try (socket) {
        OutputStream out = socket.getOutputStream();
        out.write(beginning);
        while (true) {
          out.write('x');
          LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
      } catch (IOException gone) {
        // Expected: the gateway gave up.
      } finally {
        open.remove(socket);
      }
    }

    String url(String scheme) {
      return scheme + "://name.test:" + server.getLocalPort() + "/";
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }

  @Test
  void aHandshakeThatDripsEndsAtItsDeadline() throws Exception {
    try (GatewayFixture fixture = open(64, 8, Duration.ofSeconds(1), FOREVER);
        Dripping peer = Dripping.handshake()) {
      fixture.allow(peer.url("https"));
      assertThat(fixture.get(peer.url("https")))
          .startsWith("HTTP/1.1 504")
          .contains("did not accept a connection in time");
      await().until(peer.open::isEmpty);
    }
  }

  @Test
  void lookUpAndHandshakeShareOneDeadline() throws Exception {
    Duration deadline = Duration.ofSeconds(10);
    Duration lookUp = Duration.ofSeconds(9); // so much that a busy machine has time, too
    try (GatewayFixture fixture = open(64, 8, deadline, FOREVER);
        Dripping peer = Dripping.handshake()) {
      fixture.names.put("name.test", () -> after(lookUp));
      fixture.allow(peer.url("https"));
      long start = System.nanoTime();
      assertThat(fixture.get(peer.url("https"))).startsWith("HTTP/1.1 504");
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(deadline, deadline.plus(lookUp).minusSeconds(1));
      await().until(peer.open::isEmpty);
    }
  }

  private static List<InetAddress> after(Duration time) {
    LockSupport.parkNanos(time.toNanos());
    return List.of(InetAddress.getLoopbackAddress());
  }

  @Test
  void aHeadThatDripsEndsAtItsDeadline() throws Exception {
    byte[] beginning = "HTTP/1.1 200 OK\r\nX: ".getBytes(US_ASCII);
    try (GatewayFixture fixture = open(64, 8, FOREVER, Duration.ofSeconds(1));
        Dripping peer = new Dripping(beginning)) {
      fixture.allow(peer.url("http"));
      assertThat(fixture.get(peer.url("http")))
          .startsWith("HTTP/1.1 504")
          .contains("did not respond in time");
      assertThat(
              fixture.send(
                  "POST "
                      + peer.url("http")
                      + " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab"))
          .startsWith("HTTP/1.1 504");
      await().until(peer.open::isEmpty);
    }
  }

  @Test
  void connectionsThatAreStillBeingMadeEndWithTheSandboxAndWithThePolicy() throws Exception {
    try (GatewayFixture fixture = open(64, 4, FOREVER, FOREVER);
        Dripping peer = Dripping.handshake()) {
      fixture.allow(peer.url("https"));
      for (int restart = 0; restart < 4; restart++) {
        Path socket = folder.resolve("again-" + restart);
        Closeable sandbox = fixture.gateway.listen(fixture.account, socket);
        List<SocketChannel> apps = fill(socket, 4, get(peer.url("https")));
        await().until(() -> peer.open.size() == 4);
        sandbox.close();
        for (SocketChannel app : apps) {
          assertThat(readAll(app)).isEmpty();
          app.close();
        }
        await().until(peer.open::isEmpty);
        await().until(() -> fixture.account.openConnections() == 0);
      }
      try (SocketChannel app = fixture.connect()) {
        write(app, get(peer.url("https")));
        await().until(() -> peer.open.size() == 1);
        fixture.allow("https://elsewhere.test/");
        assertThat(readAll(app)).isEmpty();
        await().until(peer.open::isEmpty);
      }
    }
  }

  @Test
  void theLimitIsTheAccountsAndNotTheSandboxes() throws Exception {
    try (GatewayFixture fixture = open(64, 4, FOREVER, FOREVER);
        Dripping peer = Dripping.handshake()) {
      fixture.allow(peer.url("https"));
      List<SocketChannel> apps = new ArrayList<>();
      List<Closeable> sandboxes = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        Path socket = folder.resolve("at-once-" + i);
        sandboxes.add(fixture.gateway.listen(fixture.account, socket));
        apps.addAll(fill(socket, 4, get(peer.url("https"))));
      }
      await().until(() -> peer.open.size() == 4);
      await().during(Duration.ofMillis(500)).until(() -> peer.open.size() == 4);
      for (Closeable sandbox : sandboxes) {
        sandbox.close();
      }
      for (SocketChannel app : apps) {
        app.close();
      }
    }
  }

  @Test
  void atTheTotalBoundTheAppspaceThatHasMostGivesWay() throws Exception {
    try (GatewayFixture fixture = open(8, 8, FOREVER, FOREVER);
        LoopbackServer server = LoopbackServer.plain(LoopbackServer::echo);
        Dripping peer = Dripping.handshake()) {
      String url = "http://name.test:" + server.port() + "/";
      fixture.allow(peer.url("https"));
      List<SocketChannel> apps = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        SocketChannel app = fixture.connect();
        apps.add(app);
        write(app, get(peer.url("https")));
      }
      await().until(() -> peer.open.size() == 8);
      EgressAccount quiet = fixture.gateway.account("quiet");
      quiet.applyPolicy(policy(List.of(url), List.of()));
      Path socket = folder.resolve("quiet");
      try (Closeable _ = fixture.gateway.listen(quiet, socket);
          SocketChannel app = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
        write(app, get(url));
        assertThat(readUntil(app, "GET / 0")).startsWith("HTTP/1.1 200");
        assertThat(fixture.account.openConnections() + quiet.openConnections())
            .isLessThanOrEqualTo(8);
        await().until(() -> peer.open.size() == 7);
      }
      for (SocketChannel app : apps) {
        app.close();
      }
    }
  }

  @Test
  void anIdleConnectionToADestinationEndsWithTheSandbox() throws Exception {
    try (GatewayFixture fixture = open(64, 4, FOREVER, FOREVER);
        LoopbackServer server = LoopbackServer.plain(LoopbackServer::echo)) {
      String url = "http://name.test:" + server.port() + "/";
      fixture.allow(url);
      Path socket = folder.resolve("ends");
      Closeable sandbox = fixture.gateway.listen(fixture.account, socket);
      try (SocketChannel app = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
        write(app, get(url));
        readUntil(app, "GET / 0");
      }
      await().until(() -> fixture.account.openConnections() == 0);
      assertThat(server.open()).isEqualTo(1);
      sandbox.close();
      await("before its idle timeout")
          .atMost(Duration.ofSeconds(15))
          .until(() -> server.open() == 0);
    }
  }

  @Test
  void anIdleConnectionToADestinationTakesASlot() throws Exception {
    try (GatewayFixture fixture = open(64, 2, FOREVER, FOREVER);
        LoopbackServer server = LoopbackServer.plain(LoopbackServer::echo)) {
      String url = "http://name.test:" + server.port() + "/";
      fixture.allow(url);
      assertThat(fixture.get(url)).startsWith("HTTP/1.1 200");
      await().until(() -> fixture.account.openConnections() == 0);
      assertThat(server.open()).isEqualTo(1);
      List<SocketChannel> apps = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        SocketChannel app = fixture.connect();
        apps.add(app);
        write(app, "GET ");
      }
      await().until(() -> fixture.account.openConnections() == 2);
      await().until(() -> server.open() == 0);
      for (SocketChannel app : apps) {
        app.close();
      }
    }
  }

  @Test
  void aNameServerThatNeverAnswersDelaysNoOtherAppspace() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    try (GatewayFixture fixture = open(512, 128, FOREVER, FOREVER);
        LoopbackServer server = LoopbackServer.plain(LoopbackServer::echo)) {
      String url = "http://name.test:" + server.port() + "/";
      for (int i = 0; i < 100; i++) {
        fixture.names.put("n" + i + ".dead.test", () -> never(over));
      }
      fixture.allow("http://*.dead.test/");
      List<SocketChannel> apps = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        SocketChannel app = fixture.connect();
        apps.add(app);
        write(app, get("http://n" + i + ".dead.test/"));
      }
      await().until(() -> fixture.lookUps.get() >= DnsLookups.THREADS_PER_APPSPACE);
      EgressAccount quiet = fixture.gateway.account("quiet");
      quiet.applyPolicy(policy(List.of(url), List.of()));
      Path socket = folder.resolve("quiet");
      try (Closeable _ = fixture.gateway.listen(quiet, socket);
          SocketChannel app = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
        write(app, get(url));
        assertThat(readUntil(app, "GET / 0")).startsWith("HTTP/1.1 200");
      }
      assertThat(fixture.lookUps).hasValueLessThanOrEqualTo(DnsLookups.THREADS_PER_APPSPACE + 1);
      for (SocketChannel app : apps) {
        app.close();
      }
    } finally {
      over.countDown();
    }
  }

  @Test
  void aNameThatIsNotResolvedInTimeIsARefusalThatNamesIt() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    try (GatewayFixture fixture = open(64, 8, Duration.ofSeconds(1), FOREVER)) {
      fixture.names.put("slow.test", () -> never(over));
      fixture.allow("http://slow.test/", "http://none.test/");
      assertThat(fixture.get("http://slow.test/"))
          .startsWith("HTTP/1.1 504")
          .contains("the name servers of slow.test did not respond in time");
      assertThat(fixture.get("http://none.test/"))
          .startsWith("HTTP/1.1 502")
          .contains("the name none.test has no address");
    } finally {
      over.countDown();
    }
  }

  private static List<InetAddress> never(CountDownLatch over) {
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return List.of(InetAddress.getLoopbackAddress());
  }

  private static String get(String url) {
    return "GET " + url + " HTTP/1.1\r\nHost: x\r\n\r\n";
  }

  private static List<SocketChannel> fill(Path socket, int connections, String request)
      throws IOException {
    List<SocketChannel> apps = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      SocketChannel app = SocketChannel.open(UnixDomainSocketAddress.of(socket));
      apps.add(app);
      write(app, request);
    }
    return apps;
  }
}
