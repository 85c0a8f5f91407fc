package io.dropserver.egress.gateway;

import static io.dropserver.egress.gateway.GatewayFixture.policy;
import static io.dropserver.egress.gateway.GatewayFixture.readAll;
import static io.dropserver.egress.gateway.GatewayFixture.readUntil;
import static io.dropserver.egress.gateway.GatewayFixture.write;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.egress.EgressPolicy;
import io.dropserver.egress.gateway.EgressLog.Entry;
import io.dropserver.egress.gateway.EgressLog.Outcome;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
@Tag("slow")
class EgressGatewayTest {
  @TempDir private Path folder;
  private GatewayFixture fixture;
  private LoopbackServer server;

  @BeforeEach
  void open() throws Exception {
    fixture = open("g", GatewayFixture.quick());
    server = LoopbackServer.plain(LoopbackServer::echo);
    fixture.allow(url("/"));
  }

  private GatewayFixture open(String name, EgressLimits limits) throws IOException {
    Path own = java.nio.file.Files.createDirectory(folder.resolve(name));
    GatewayFixture opened = new GatewayFixture(own, limits, List.of(), "127.0.0.1/32");
    opened.resolves("name.test", "127.0.0.1");
    opened.resolves("other.test", "127.0.0.1");
    return opened;
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
    server.close();
  }

  private String url(String path) {
    return url(server, path);
  }

  private static String url(LoopbackServer at, String path) {
    return "http://name.test:" + at.port() + path;
  }

  private static String request(String method, String url) {
    return method + " " + url + " HTTP/1.1\r\nHost: x\r\n\r\n";
  }

  private Entry lastLogged() {
    await().until(() -> !fixture.account.log().entries().isEmpty());
    return fixture.account.log().entries().getLast();
  }

  @Test
  void requestsOfOneConnectionShareOneToTheDestination() throws Exception {
    try (SocketChannel app = fixture.connect()) {
      for (int i = 0; i < 5; i++) {
        write(app, request("GET", url("/" + i)));
        assertThat(readUntil(app, "/" + i + " 0")).startsWith("HTTP/1.1 200 OK");
      }
    }
    assertThat(server.connections()).isEqualTo(1);
    assertThat(server.requests()).hasSize(5);
  }

  @Test
  void aKeptConnectionThatWasClosedIsReplacedForARequestThatMayBeRepeated() throws Exception {
    AtomicInteger answers = new AtomicInteger();
    try (LoopbackServer closing =
        LoopbackServer.plain(
            (request, out) -> {
              if (answers.incrementAndGet() == 2) {
                throw new IOException("closed while idle");
              }
              LoopbackServer.echo(request, out);
            })) {
      fixture.allow(url(closing, "/"));
      assertThat(fixture.get(url(closing, "/1"))).contains("GET /1 0");
      assertThat(fixture.get(url(closing, "/2"))).contains("GET /2 0");
      assertThat(closing.connections()).isEqualTo(2);
    }
  }

  @Test
  void aPostIsNeverSentTwice() throws Exception {
    AtomicInteger answers = new AtomicInteger();
    try (LoopbackServer closing =
        LoopbackServer.plain(
            (request, out) -> {
              if (answers.incrementAndGet() > 1) {
                throw new IOException("closed");
              }
              LoopbackServer.echo(request, out);
            })) {
      fixture.allow(url(closing, "/"));
      String post =
          "POST "
              + url(closing, "/p")
              + " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab";
      assertThat(fixture.send(post)).contains("POST /p 2");
      assertThat(fixture.send(post)).startsWith("HTTP/1.1 502");
      assertThat(closing.requests()).hasSize(2);
    }
  }

  @Test
  void aHeadHasNoBodyWhetherAnsweredOrRefused() throws Exception {
    try (SocketChannel app = fixture.connect()) {
      write(app, request("HEAD", url("/h")));
      assertThat(readUntil(app, "\r\n\r\n")).contains("Content-Length: 9").endsWith("\r\n\r\n");
      write(app, request("HEAD", "http://nobody.test/"));
      assertThat(readUntil(app, "\r\n\r\n")).contains("denied; request=").endsWith("\r\n\r\n");
      write(app, request("GET", url("/after")));
      assertThat(readUntil(app, "/after 0")).startsWith("HTTP/1.1 200 OK");
    }
  }

  @Test
  void anAnswerWithoutALengthIsChunkedAndComesAsItIsWritten() throws Exception {
    CountDownLatch seen = new CountDownLatch(1);
    try (LoopbackServer slow =
        LoopbackServer.plain(
            (request, out) -> {
              out.write("HTTP/1.1 200 OK\r\n\r\nfirst".getBytes(US_ASCII));
              out.flush();
              awaitLatch(seen);
              out.write("second".getBytes(US_ASCII));
              out.flush();
              throw new IOException("its end is the connection's");
            })) {
      fixture.allow(url(slow, "/"));
      try (SocketChannel app = fixture.connect()) {
        write(app, request("GET", url(slow, "/")));
        assertThat(readUntil(app, "first")).contains("Transfer-Encoding: chunked");
        seen.countDown();
        assertThat(readUntil(app, "0\r\n\r\n")).endsWith("6\r\nsecond\r\n0\r\n\r\n");
      }
    }
  }

  private static void awaitLatch(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Test
  void aReaderThatStopsSlowsTheDestination() throws Exception {
    AtomicLong written = new AtomicLong();
    byte[] block = new byte[1 << 16];
    try (LoopbackServer flood =
        LoopbackServer.plain(
            (request, out) -> {
              out.write("HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n".getBytes(US_ASCII));
              flood(out, block, written);
            })) {
      fixture.allow(url(flood, "/"));
      try (SocketChannel app = fixture.connect()) {
        write(app, request("GET", url(flood, "/")));
        readUntil(app, "\r\n\r\n");
        AtomicLong before = new AtomicLong(-1);
        await()
            .pollInterval(Duration.ofMillis(300))
            .until(() -> before.getAndSet(written.get()) == written.get());
        assertThat(written.get()).isLessThan(64L << 20);
      }
      await().until(() -> flood.open() == 0);
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

  private static void flood(OutputStream out, byte[] block, AtomicLong written) throws IOException {
    while (true) {
      out.write(block);
      written.addAndGet(block.length);
    }
  }

  @Test
  void anAnswerThatComesBeforeTheBodyIsThroughIsPassedOn() throws Exception {
    try (java.net.ServerSocket early =
            new java.net.ServerSocket(0, 5, java.net.InetAddress.getLoopbackAddress());
        SocketChannel app = fixture.connect()) {
      String url = "http://name.test:" + early.getLocalPort() + "/";
      fixture.allow(url);
      write(app, "POST " + url + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nab");
      try (var accepted = early.accept()) {
        accepted
            .getOutputStream()
            .write("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno".getBytes(US_ASCII));
        assertThat(readUntil(app, "\r\n\r\nno"))
            .startsWith("HTTP/1.1 413 Too Large")
            .contains("Connection: close");
      }
    }
  }

  @Test
  void expectationsAreMetByTheGatewayAndInterimAnswersSkipped() throws Exception {
    try (LoopbackServer hinting =
            LoopbackServer.plain(
                (request, out) -> {
                  out.write("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n".getBytes(US_ASCII));
                  LoopbackServer.echo(request, out);
                });
        SocketChannel app = fixture.connect()) {
      fixture.allow(url(hinting, "/"));
      write(
          app,
          "POST "
              + url(hinting, "/e")
              + " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
      assertThat(readUntil(app, "\r\n\r\n")).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
      write(app, "ab");
      assertThat(readUntil(app, "/e 2")).startsWith("HTTP/1.1 200 OK");
      assertThat(hinting.requests().getFirst().all("Expect")).isEmpty();
    }
  }

  @Test
  void aRepeatedUndecidedRequestKeepsItsId() throws Exception {
    String first = fixture.get("https://nobody.test/a?token=secret");
    fixture.get("https://nobody.test/b");
    fixture.get("https://nobody.test:444/b");
    String id = EgressApprovals.id("garden", fixture.requests.peek().origin().url());
    assertThat(first)
        .startsWith("HTTP/1.1 403 ")
        .contains("Dropserver-Egress: denied; request=" + id)
        .endsWith("not whitelisted; request " + id + " is waiting for approval\n");
    assertThat(fixture.requests)
        .extracting(EgressApprovals.Request::id, request -> request.origin().url())
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(id, "https://nobody.test:443/"),
            org.assertj.core.groups.Tuple.tuple(id, "https://nobody.test:443/"),
            org.assertj.core.groups.Tuple.tuple(
                fixture.requests.stream().toList().getLast().id(), "https://nobody.test:444/"));
    assertThat(fixture.requests.stream().toList().getLast().id()).isNotEqualTo(id);
    assertThat(id).matches("[0-9a-f]{8}");
  }

  private static String ask(String url, String headers) {
    return "GET "
        + url
        + " HTTP/1.1\r\nHost: x\r\nDropserver-Egress: ask\r\n"
        + headers
        + "Connection: close\r\n\r\n";
  }

  @Test
  void anAccessRequestFetchesNothingAndKeepsMethodsAndReason() throws Exception {
    String encoded = "%E2%80%AEwhy%0A" + "x".repeat(500);
    String response =
        fixture.send(
            ask(
                "https://nobody.test/a?token=secret",
                "Dropserver-Egress-Methods: GET, POST\r\nDropserver-Egress-Reason: "
                    + encoded
                    + "\r\n"));
    EgressApprovals.Request request = fixture.requests.remove();
    assertThat(response).contains("Dropserver-Egress: denied; request=" + request.id());
    assertThat(request.methods()).containsExactly("GET", "POST");
    assertThat(request.origin().url()).isEqualTo("https://nobody.test:443/");
    assertThat(request.reason().orElseThrow()).startsWith("\u202ewhy\nxx").hasSize(200);

    assertThat(fixture.send(ask(url("/x"), ""))).startsWith("HTTP/1.1 204");
    assertThat(fixture.requests).isEmpty();
    assertThat(server.connections()).isZero();
  }

  @Test
  void aMalformedDecisionRequestIsRefusedAndNotRecorded() throws Exception {
    for (String headers :
        List.of(
            "Dropserver-Egress-Reason: " + "x".repeat(5_000) + "\r\n",
            "Dropserver-Egress-Reason: " + "x".repeat(1_000_000) + "\r\n",
            "Dropserver-Egress-Methods: BREW\r\n",
            "Dropserver-Egress-Methods: \r\n")) {
      assertThat(fixture.send(ask("https://nobody.test/", headers))).startsWith("HTTP/1.1 400");
    }
    assertThat(
            fixture.send(
                "BREW https://nobody.test/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
        .contains("no whitelist can allow the method BREW");
    assertThat(fixture.requests).isEmpty();
  }

  @Test
  void anAppGetsTheStateOfItsRequest() throws Exception {
    String url = "https://nobody.test/";
    fixture.approvalState = EgressApprovals.Denied::new;
    assertThat(fixture.get(url))
        .contains("denied; decided; request=", "the owner said no to request");
    fixture.approvalState = EgressApprovals.PartlyApproved::new;
    assertThat(fixture.get(url)).contains("denied; decided; request=", "did not allow this");
    fixture.approvalState = id -> new EgressApprovals.QueueFull();
    assertThat(fixture.get(url)).contains("denied; crowded", "only counted");
    fixture.approvalState = id -> new EgressApprovals.PendingApproval("00c0ffee");
    assertThat(fixture.get(url)).contains("request 00c0ffee is waiting for approval");
  }

  @Test
  void aRememberedDenialIsNotRequestedAgain() throws Exception {
    fixture.account.applyPolicy(policy(List.of(url("/")), List.of(url("/"))));
    assertThat(fixture.get(url("/x"))).startsWith("HTTP/1.1 403").contains("the owner said no");
    assertThat(fixture.requests).isEmpty();
    assertThat(server.connections()).isZero();
  }

  @Test
  void theLogContainsTheRequestedUrlWithoutItsQuery() throws Exception {
    fixture.get(url("/path?token=secret"));
    Entry entry = lastLogged();
    assertThat(entry.url()).endsWith("/path");
    assertThat(entry.status()).isEqualTo(200);
    assertThat(entry.outcome()).isEqualTo(Outcome.ALLOWED);
    assertThat(entry.received()).isPositive();
    assertThat(fixture.account.log().entries().toString()).doesNotContain("secret");
  }

  @Test
  void aPolicyChangeAppliesAtOnceAndCutsConnectionsItNoLongerAllows() throws Exception {
    try (LoopbackServer endless =
            LoopbackServer.plain(
                (request, out) -> {
                  out.write("HTTP/1.1 200 OK\r\n\r\nbegun".getBytes(US_ASCII));
                  dribble(out);
                });
        SocketChannel cut = fixture.connect();
        SocketChannel kept = fixture.connect()) {
      fixture.allow(url(endless, "/"), url("/"));
      write(cut, request("GET", url(endless, "/")));
      readUntil(cut, "begun");
      write(kept, request("GET", url("/kept")));
      readUntil(kept, "/kept 0");
      fixture.allow(url("/"));
      assertThat(readAll(cut)).doesNotContain("0\r\n\r\n");
      await().until(() -> endless.open() == 0);
      await()
          .untilAsserted(
              () ->
                  assertThat(fixture.account.log().entries())
                      .extracting(Entry::outcome)
                      .contains(Outcome.CUT));
      write(kept, request("GET", url("/again")));
      assertThat(readUntil(kept, "/again 0")).startsWith("HTTP/1.1 200 OK");
      assertThat(fixture.get(url(endless, "/"))).contains("denied; request=");
    }
  }

  @Test
  void aWebSocketIsTunnelledAndCutByAChangeOfThePolicy() throws Exception {
    try (SocketChannel app = fixture.connect()) {
      write(
          app,
          "GET "
              + url("/ws").replace("http:", "ws:")
              + " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
              + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
      assertThat(readUntil(app, "\r\n\r\n"))
          .startsWith("HTTP/1.1 101")
          .contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
      write(app, "\u0081\u0082\0\0\0\0hi");
      assertThat(readUntil(app, "hi")).isEqualTo("\u0081\u0002hi");
      fixture.allow(url("/elsewhere/"));
      assertThat(readAll(app)).isEmpty();
    }
  }

  @Test
  void aSecretIsAddedToRequestsAndRedactedInResponses() throws Exception {
    try (LoopbackServer echoing =
        LoopbackServer.plain(
            (request, out) ->
                out.write(
                    ("HTTP/1.1 200 OK\r\nX-Echo: "
                            + request.all("Authorization").getFirst()
                            + "\r\nContent-Length: 0\r\n\r\n")
                        .getBytes(US_ASCII)))) {
      fixture.account.applyPolicy(
          new EgressPolicy(
              List.of(
                  GatewayFixture.grant(
                      url(echoing, "/"), Map.of("Authorization", "Bearer ${secret:owm}"))),
              List.of(),
              Collections.emptySortedSet()));
      assertThat(fixture.get(url(echoing, "/")))
          .startsWith("HTTP/1.1 403")
          .contains("SecretMissing")
          .contains("dropserver secret set garden owm");
      assertThat(echoing.connections()).isZero();
      fixture.secrets.put("owm", "s3cr3t-value");
      assertThat(
              fixture.send(
                  "GET "
                      + url(echoing, "/")
                      + " HTTP/1.1\r\nHost: x\r\nAuthorization: mine\r\nConnection: close\r\n\r\n"))
          .contains("X-Echo: Bearer [secret]")
          .doesNotContain("s3cr3t-value");
      assertThat(echoing.requests().getLast().all("Authorization"))
          .containsExactly("Bearer s3cr3t-value");
      assertThat(fixture.account.log().entries().toString()).doesNotContain("s3cr3t-value");
    }
  }

  @Test
  void secretsAreRedactedFromBodiesInEveryFraming() throws Exception {
    for (String framing :
        List.of(
            "Content-Length: 23\r\n\r\n<%s> and on",
            "Transfer-Encoding: chunked\r\n\r\n7\r\n<s3cr3t\r\n10\r\n-value> and more\r\n0\r\n\r\n",
            "\r\n<%s>")) {
      try (LoopbackServer echoing =
          LoopbackServer.plain(
              (request, out) -> {
                out.write(
                    ("HTTP/1.1 200 OK\r\nConnection: close\r\n" + framing.formatted("s3cr3t-value"))
                        .getBytes(US_ASCII));
                out.close();
              })) {
        fixture.secrets.put("owm", "s3cr3t-value");
        fixture.account.applyPolicy(
            new EgressPolicy(
                List.of(GatewayFixture.grant(url(echoing, "/"), Map.of("X-Key", "${secret:owm}"))),
                List.of(),
                Collections.emptySortedSet()));
        assertThat(fixture.get(url(echoing, "/")).replaceAll("\r\n[0-9A-F]+\r\n", ""))
            .as(framing)
            .contains("<************>")
            .doesNotContain("s3cr3t-value");
        assertThat(echoing.requests().getLast().all("Accept-Encoding")).containsExactly("identity");
      }
    }
  }

  @Test
  void onlyAnAppspaceThatRequestsTooOftenIsSlowed() throws Exception {
    EgressLimits usual = GatewayFixture.quick();
    EgressLimits few =
        new EgressLimits(
            usual.totalConnections(),
            4,
            0, // no refill while this test waits for the CPU
            3,
            usual.bytesPerHour(),
            usual.firstRequest(),
            usual.connect(),
            usual.responseHead(),
            usual.idle(),
            usual.total());
    try (GatewayFixture limited = open("l", few)) {
      limited.allow(url("/"));
      for (int i = 0; i < 3; i++) {
        assertThat(limited.get(url("/"))).startsWith("HTTP/1.1 200");
      }
      assertThat(limited.get(url("/"))).startsWith("HTTP/1.1 429").contains("too many requests");
    }
    assertThat(fixture.get(url("/"))).startsWith("HTTP/1.1 200");
  }

  @Test
  void refusedRequestsCountLikeOthers() throws Exception {
    EgressLimits usual = GatewayFixture.quick();
    EgressLimits few =
        new EgressLimits(
            usual.totalConnections(),
            4,
            0, // none comes back while this test waits for the processor
            5,
            usual.bytesPerHour(),
            usual.firstRequest(),
            usual.connect(),
            usual.responseHead(),
            usual.idle(),
            usual.total());
    try (GatewayFixture limited = open("r", few);
        SocketChannel app = limited.connect()) {
      limited.allow(url("/"));
      write(app, request("GET", "http://nobody.test/").repeat(5));
      write(app, "GET http://nobody.test/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      String answers = readAll(app);
      assertThat(answers.split("HTTP/1.1 403", -1)).hasSize(6);
      assertThat(answers).contains("HTTP/1.1 429");
      assertThat(limited.get(url("/"))).startsWith("HTTP/1.1 429");
    }
  }

  @Test
  void bytesAreLimited() throws Exception {
    EgressLimits usual = GatewayFixture.quick();
    EgressLimits few =
        new EgressLimits(
            usual.totalConnections(),
            4,
            100,
            100,
            1_000,
            usual.firstRequest(),
            usual.connect(),
            usual.responseHead(),
            usual.idle(),
            usual.total());
    try (GatewayFixture limited = open("b", few);
        LoopbackServer large =
            LoopbackServer.plain(
                (request, out) -> LoopbackServer.ok(out, "GET", "x".repeat(100_000)))) {
      limited.allow(url(large, "/"));
      assertThat(limited.get(url(large, "/")).length()).isLessThan(50_000);
      assertThat(limited.account.log().entries().getLast().note()).isEqualTo("limit");
    }
  }

  @Test
  void idleConnectionsOfAnAppMakeRoomForOthers() throws Exception {
    EgressLimits usual = GatewayFixture.quick();
    EgressLimits few =
        new EgressLimits(
            usual.totalConnections(),
            2,
            100,
            100,
            usual.bytesPerHour(),
            usual.firstRequest(),
            usual.connect(),
            usual.responseHead(),
            usual.idle(),
            usual.total());
    try (GatewayFixture limited = open("i", few)) {
      limited.allow(url("/"));
      for (int i = 0; i < 6; i++) {
        SocketChannel app = limited.connect(); // left open; closed with the gateway
        write(app, request("GET", url("/" + i)));
        assertThat(readUntil(app, "/" + i + " 0")).startsWith("HTTP/1.1 200");
      }
    }
  }

  @Test
  void aDestinationThatDoesNotAnswerIsNamedInTime() throws Exception {
    EgressLimits usual = GatewayFixture.quick();
    EgressLimits hasty =
        new EgressLimits(
            usual.totalConnections(),
            4,
            100,
            100,
            usual.bytesPerHour(),
            usual.firstRequest(),
            usual.connect(),
            Duration.ofMillis(300),
            usual.idle(),
            usual.total());
    try (GatewayFixture limited = open("t", hasty);
        LoopbackServer silent =
            LoopbackServer.plain((request, out) -> awaitLatch(new CountDownLatch(1)))) {
      limited.allow(url(silent, "/"), "http://name.test:1/");
      assertThat(limited.get(url(silent, "/")))
          .startsWith("HTTP/1.1 504")
          .contains("name.test did not respond in time");
      assertThat(limited.get("http://name.test:1/")).startsWith("HTTP/1.1 502");
      assertThat(limited.get("http://nameless.test/")).startsWith("HTTP/1.1 403");
    }
  }

  @Test
  void aPrefaceNamesTheOriginAndPathsAreJudgedUnderIt() throws Exception {
    fixture.allow(url("/open/"));
    String target = "name.test:" + server.port();
    try (SocketChannel app = fixture.connect()) {
      write(app, preface(target, ""));
      assertThat(readUntil(app, "\r\n\r\n")).startsWith("HTTP/1.1 200 Allowed by the egress");
      write(app, "GET /open/a HTTP/1.1\r\nHost: spoofed.test\r\n\r\n");
      assertThat(readUntil(app, "/open/a 0")).startsWith("HTTP/1.1 200 OK");
      write(app, "GET /closed HTTP/1.1\r\nHost: spoofed.test\r\n\r\n");
      assertThat(readUntil(app, "approval\n")).contains("denied; request=");
      write(app, "GET @evil.test/ HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(readUntil(app, "\r\n\r\n")).startsWith("HTTP/1.1 400");
    }
    assertThat(server.requests()).hasSize(1);
    assertThat(server.requests().getFirst().all("Host")).containsExactly(target);
  }

  private static String preface(String target, String headers) {
    return "CONNECT "
        + target
        + " HTTP/1.1\r\nHost: x\r\nDropserver-Egress: http\r\n"
        + headers
        + "\r\n";
  }

  @Test
  void aConnectionIsJudgedBeforeItsFirstRequest() throws Exception {
    fixture.account.applyPolicy(policy(List.of(url("/open/")), List.of("http://denied.test:25/")));
    assertThat(fixture.send(preface("smtp.test:25", "")))
        .startsWith("HTTP/1.1 403")
        .contains("raw connections do not leave a sandbox");
    assertThat(fixture.requests).isEmpty();
    assertThat(lastLogged())
        .extracting(Entry::method, Entry::url, Entry::outcome)
        .containsExactly("CONNECT", "http://smtp.test:25/", Outcome.REFUSED);
    assertThat(fixture.send(preface("denied.test:25", ""))).contains("the owner said no");
    assertThat(lastLogged().outcome()).isEqualTo(Outcome.DENIED);
    assertThat(fixture.send(preface("127.0.0.9:25", ""))).contains("reason=not-public");
    assertThat(fixture.send(preface("a/b:25", ""))).startsWith("HTTP/1.1 400");
    assertThat(fixture.send(preface("a#:25", ""))).startsWith("HTTP/1.1 400");

    String methods = "Dropserver-Egress-Methods: POST\r\n";
    assertThat(fixture.send(preface("web.test:80", methods))).contains("waiting for approval");
    assertThat(fixture.requests.remove().methods()).containsExactly("POST");
    assertThat(fixture.send(preface("web.test:80", "Dropserver-Egress-Methods: BREW\r\n")))
        .contains("no whitelist can allow");
    assertThat(fixture.lookUps).hasValue(0);
    assertThat(server.connections()).isZero();
  }

  /** Like an SMTP client, which waits for the server to speak first. */
  @Test
  void aClientThatSendsNoRequestGetsAnError() throws Exception {
    for (String begun : List.of("", "HEL")) {
      try (SocketChannel app = fixture.connect()) {
        write(app, preface("name.test:" + server.port(), ""));
        readUntil(app, "\r\n\r\n");
        write(app, begun);
        assertThat(readAll(app))
            .startsWith("HTTP/1.1 403")
            .contains("raw connections do not leave a sandbox");
      }
      assertThat(lastLogged())
          .extracting(Entry::method, Entry::url)
          .containsExactly("CONNECT", url("/"));
    }
    assertThat(server.connections()).isZero();
  }

  @Test
  void theDecisionCanBeQueriedWithoutFetching() throws Exception {
    String explain =
        " HTTP/1.1\r\nHost: x\r\nDropserver-Egress: explain\r\nConnection: close\r\n\r\n";
    try (SocketChannel app = fixture.connect()) {
      write(app, "GET " + url("/") + explain);
      assertThat(readUntil(app, "\r\n\r\n")).startsWith("HTTP/1.1 204");
    }
    assertThat(fixture.send("GET http://nobody.test/" + explain)).contains("denied; request=");
    assertThat(server.connections()).isZero();
  }
}
