package io.dropserver.egress.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.egress.EgressPolicy;
import io.dropserver.egress.EgressPolicy.Grant;
import io.dropserver.egress.UrlPattern;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that two parsers interpret differently. Only what the gateway checked may arrive. */
@Timeout(60)
@Tag("slow")
class SmugglingTest {
  private static final String NEXT = "GET http://name.test/admin HTTP/1.1\r\nHost: x\r\n\r\n";

  @TempDir private Path folder;
  private GatewayFixture fixture;
  private LoopbackServer server;

  @BeforeEach
  void open() throws Exception {
    fixture = new GatewayFixture(folder, GatewayFixture.quick(), List.of(), "127.0.0.1/32");
    server = LoopbackServer.plain(LoopbackServer::echo);
    fixture.resolves("name.test", "127.0.0.1");
    fixture.allow("http://name.test:" + server.port() + "/open/");
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
    server.close();
  }

  private String url() {
    return "http://name.test:" + server.port() + "/open/";
  }

  @ParameterizedTest
  @MethodSource("heads")
  void anAmbiguousHeadIsRefusedAndNotForwarded(String head) throws Exception {
    String request = head.replace("URL", url());
    assertThat(fixture.send(request)).startsWith("HTTP/1.1 400").contains("Dropserver-Egress");
    assertThat(server.requests()).isEmpty();
  }

  static Stream<String> heads() {
    String post = "POST URL HTTP/1.1\r\nHost: x\r\n";
    return Stream.of(
        post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + NEXT,
        post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + NEXT,
        post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello" + NEXT,
        post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello" + NEXT,
        post + "Content-Length: 5, 5\r\n\r\nhello",
        post + "Content-Length: +5\r\n\r\nhello",
        post + "Content-Length: -1\r\n\r\nhello",
        post + "Content-Length: 0x5\r\n\r\nhello",
        post + "Content-Length: 5 \u00005\r\n\r\nhello",
        post + "Content-Length: 99999999999999999999\r\n\r\nhello",
        post + "Content-Length:\r\n\r\nhello",
        post + "Content-Length : 5\r\n\r\nhello",
        post + " Content-Length: 5\r\n\r\nhello",
        post + "X: a\r\n b\r\n\r\nhello",
        post + "X: a\r\n\tContent-Length: 5\r\n\r\nhello",
        post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        post + "Transfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        post + "Transfer-Encoding:\u000bchunked\r\n\r\n0\r\n\r\n",
        post + "Transfer_Encoding : chunked\r\n\r\n0\r\n\r\n",
        post + "X: a\nContent-Length: 5\r\n\r\nhello",
        post + "X: a\rContent-Length: 5\r\n\r\nhello",
        post + "X: a\u0000b\r\n\r\n",
        post + "X: a\u007fb\r\n\r\n",
        post + "no colon\r\n\r\n",
        post + ": no name\r\n\r\n",
        post + "Hêader: x\r\n\r\n",
        "GET URL HTTP/1.1\nHost: x\n\n",
        "GET URL HTTP/1.1\r\nHost: x\r\n\n",
        "GET URL HTTP/1.1\r\n\r\n",
        "GET URL HTTP/1.1\r\nHost: x\r\nHost: name.test\r\n\r\n",
        "GET URL HTTP/1.0\r\nHost: x\r\n\r\n",
        "GET URL HTTP/2.0\r\nHost: x\r\n\r\n",
        "GET URL http/1.1\r\nHost: x\r\n\r\n",
        "GET URL HTTP/1.1 \r\nHost: x\r\n\r\n",
        "GET  URL HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET\tURL HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET URL\tx HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET URL x HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET URL\r\nHost: x\r\n\r\n",
        "G(T URL HTTP/1.1\r\nHost: x\r\n\r\n",
        "\r\nGET URL HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /open/ HTTP/1.1\r\nHost: name.test\r\n\r\n",
        "GET //name.test/open/ HTTP/1.1\r\nHost: name.test\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: name.test\r\n\r\n",
        "GET name.test HTTP/1.1\r\nHost: name.test\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET URL HTTP/1.1\r\nHost: x\r\n" + "X: y\r\n".repeat(201) + "\r\n",
        "GET URL HTTP/1.1\r\nHost: x\r\nX: " + "y".repeat(70_000) + "\r\n\r\n",
        "GET URL" + "y".repeat(9_000) + " HTTP/1.1\r\nHost: x\r\n\r\n");
  }

  @ParameterizedTest
  @MethodSource("bodies")
  void aBrokenBodyIsNeverCompleteAndLaterBytesAreNotRead(String body) throws Exception {
    fixture.send(
        "POST " + url() + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + body);
    assertThat(server.requests()).isEmpty();
  }

  static Stream<String> bodies() {
    return Stream.of(
        "5\nhello\r\n0\r\n\r\n" + NEXT,
        "5 \r\nhello\r\n0\r\n\r\n",
        "\r\nhello\r\n0\r\n\r\n",
        "-5\r\nhello\r\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        "ffffffffffffffff5\r\nhello",
        "5\r\nhelloX\r\n0\r\n\r\n",
        "5\r\nhello0\r\n\r\n" + NEXT,
        "5;" + "a".repeat(1_000) + "\r\nhello\r\n0\r\n\r\n",
        "0\r\nX: " + "a".repeat(20_000) + "\r\n\r\n",
        "5;\n\r\nhello\r\n0\r\n\r\n",
        "5;a\u0000\r\nhello\r\n0\r\n\r\n",
        "0\r\n" + NEXT,
        "0\r\nX: a\n\n" + NEXT);
  }

  /** A server that ignores the length of a GET interprets its body as the next request. */
  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD", "OPTIONS", "DELETE"})
  void aBodyThatAServerCouldTakeForARequestIsRefused(String method) throws Exception {
    fixture.account.applyPolicy(policyOf(url(), method));
    String start = method + " " + url() + " HTTP/1.1\r\nHost: x\r\n";
    String chunks = Integer.toHexString(NEXT.length()) + "\r\n" + NEXT + "\r\n0\r\n\r\n";
    for (String request :
        List.of(
            start + "Content-Length: " + NEXT.length() + "\r\n\r\n" + NEXT,
            start + "content-length: 1\r\n\r\nG",
            start + "Transfer-Encoding: chunked\r\n\r\n" + chunks,
            start + "TRANSFER-ENCODING: Chunked\r\n\r\n0\r\n\r\n",
            start
                + "Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: "
                + NEXT.length()
                + "\r\n\r\n"
                + NEXT)) {
      assertThat(fixture.send(request))
          .as(request)
          .startsWith("HTTP/1.1 403")
          .contains("refused; reason=body");
    }
    assertThat(server.connections()).isZero();
    assertThat(fixture.send(start + "Content-Length: 0\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 200");
  }

  @Test
  void aDeleteWithABodyNeedsTheWholeOriginAndIsTheLastOfItsConnection() throws Exception {
    String origin = "http://name.test:" + server.port() + "/";
    fixture.account.applyPolicy(policyOf(origin, "DELETE"));
    for (int i = 1; i <= 2; i++) {
      assertThat(
              fixture.send(
                  "DELETE "
                      + url()
                      + " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab"))
          .contains("DELETE /open/ 2");
      assertThat(server.requests().getLast().all("Connection")).containsExactly("close");
      assertThat(server.connections()).isEqualTo(i);
    }
  }

  private static EgressPolicy policyOf(String url, String method) {
    return new EgressPolicy(
        List.of(new Grant(UrlPattern.parse(url), Set.of(method), Collections.emptySortedMap())),
        List.of(),
        Collections.emptySortedSet());
  }

  @Test
  void theHostHeaderAlwaysMatchesTheUrl() throws Exception {
    fixture.send(
        "GET " + url() + " HTTP/1.1\r\nHost: internal.test\r\nX-A: b\r\nConnection: close\r\n\r\n");
    assertThat(server.requests()).hasSize(1);
    assertThat(server.requests().getFirst().all("Host"))
        .containsExactly("name.test:" + server.port());
  }

  @Test
  void hopByHopHeadersAreNotForwarded() throws Exception {
    fixture.send(
        "GET "
            + url()
            + " HTTP/1.1\r\nHost: x\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nX-Kept: 2\r\n"
            + "Keep-Alive: 5\r\nProxy-Authorization: secret\r\nProxy-Connection: keep-alive\r\n"
            + "TE: trailers\r\nTrailer: X\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n"
            + "Dropserver-User-Id: admin\r\n\r\n");
    List<String> lines = server.requests().getFirst().lines();
    assertThat(lines)
        .containsExactly("GET /open/ HTTP/1.1", "Host: name.test:" + server.port(), "X-Kept: 2");
  }

  @Test
  void aBodyIsReframedAndTheNextRequestIsCheckedAgain() throws Exception {
    String answers =
        fixture.send(
            "POST "
                + url()
                + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n"
                + "GET http://name.test:"
                + server.port()
                + "/admin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assertThat(server.requests()).hasSize(1);
    assertThat(server.requests().getFirst().body()).isEqualTo("abcde");
    assertThat(answers).contains("POST /open/ 5").contains("denied; request=");
  }

  @ParameterizedTest
  @MethodSource("answers")
  void anAmbiguousAnswerIsNotPassedOn(String response) throws Exception {
    try (LoopbackServer hostile =
        LoopbackServer.plain(
            (request, out) -> {
              out.write(response.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
              out.flush();
              throw new java.io.IOException("and goes");
            })) {
      String url = "http://name.test:" + hostile.port() + "/";
      fixture.allow(url);
      assertThat(fixture.get(url))
          .startsWith("HTTP/1.1 502")
          .contains("Dropserver-Egress: failed")
          .doesNotContain("smuggled");
    }
  }

  static Stream<String> answers() {
    String ok = "HTTP/1.1 200 OK\r\n";
    String smuggled = "smuggled";
    return Stream.of(
        ok + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled,
        ok + "Content-Length: 3\r\nContent-Length: 8\r\n\r\n" + smuggled,
        ok + "Content-Length: x\r\n\r\n" + smuggled,
        ok + "Transfer-Encoding: gzip\r\n\r\n" + smuggled,
        ok + "X: a\r\n smuggled: b\r\n\r\n",
        ok + "X : smuggled\r\n\r\n",
        ok + "X: a\nsmuggled: b\r\n\r\n",
        ok + "X: a\u0000smuggled\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n" + smuggled,
        "HTTP/1.1 2000 OK\r\n\r\n" + smuggled,
        "HTTP/3 200 OK\r\n\r\n" + smuggled,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"
            + smuggled,
        "HTTP/1.1 100 Continue\r\n\r\n".repeat(17) + ok + "Content-Length: 8\r\n\r\n" + smuggled,
        "smuggled\r\n\r\n",
        "");
  }

  @Test
  void destinationsCannotForgeGatewayHeaders() throws Exception {
    try (LoopbackServer hostile =
        LoopbackServer.plain(
            (request, out) ->
                out.write(
                    String.join(
                            "\r\n",
                            "HTTP/1.1 403 Refused",
                            "Dropserver-Egress: denied; request=00000000",
                            "Dropserver-Egress-Reason: lies",
                            "Content-Length: 0",
                            "",
                            "")
                        .getBytes(java.nio.charset.StandardCharsets.US_ASCII)))) {
      String url = "http://name.test:" + hostile.port() + "/";
      fixture.allow(url);
      assertThat(fixture.get(url)).startsWith("HTTP/1.1 403 Refused").doesNotContain("Dropserver");
    }
  }
}
