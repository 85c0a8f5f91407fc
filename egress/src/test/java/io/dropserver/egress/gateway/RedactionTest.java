package io.dropserver.egress.gateway;

import static io.dropserver.egress.gateway.GatewayFixture.readAll;
import static io.dropserver.egress.gateway.GatewayFixture.readUntil;
import static io.dropserver.egress.gateway.GatewayFixture.write;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.base.http1.Fields.Field;
import io.dropserver.egress.EgressPolicy;
import java.io.OutputStream;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Destinations that return a secret, and apps that make them return it in a form of their choice.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RedactionTest {
  private static final String SECRET = "s3cr3t-Value/of+26-letters";

  @TempDir private Path folder;
  private GatewayFixture fixture;

  @BeforeEach
  void open() throws Exception {
    fixture = new GatewayFixture(folder, GatewayFixture.quick(), List.of(), "127.0.0.1/32");
    fixture.resolves("name.test", "127.0.0.1");
    fixture.secrets.put("key", SECRET);
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  private String allow(LoopbackServer server, String path) {
    String url = "http://name.test:" + server.port() + path;
    fixture.account.applyPolicy(
        new EgressPolicy(
            List.of(GatewayFixture.grant(url, Map.of("X-Key", "${secret:key}"))),
            List.of(),
            Collections.emptySortedSet()));
    return url;
  }

  private static LoopbackServer answering(String response) throws java.io.IOException {
    return LoopbackServer.plain((request, out) -> out.write(response.getBytes(US_ASCII)));
  }

  @Test
  void requestHeadersThatCouldHideASecretAreRemoved() throws Exception {
    try (LoopbackServer server = LoopbackServer.plain(LoopbackServer::echo)) {
      String url = allow(server, "/");
      String headers =
          """
          Range: bytes=0-25\r
          rANGE: bytes=26-\r
          If-Range: "x"\r
          Request-Range: bytes=0-25\r
          Accept-Encoding: gzip\r
          TE: gzip\r
          Sec-WebSocket-Extensions: permessage-deflate\r
          """;
      String preface =
          "CONNECT name.test:%d HTTP/1.1\r\nHost: x\r\nDropserver-Egress: http\r\n\r\n"
              .formatted(server.port());
      for (String start : List.of("GET " + url, preface + "GET /")) {
        fixture.send(start + " HTTP/1.1\r\nHost: x\r\n" + headers + "Connection: close\r\n\r\n");
        assertThat(server.requests().getLast().lines())
            .containsExactly(
                "GET / HTTP/1.1",
                "Host: name.test:" + server.port(),
                "X-Key: " + SECRET,
                "Accept-Encoding: identity");
      }
      fixture.allow(url);
      fixture.send(
          "GET " + url + " HTTP/1.1\r\nHost: x\r\n" + headers + "Connection: close\r\n\r\n");
      assertThat(server.requests().getLast().all("Range")).hasSize(2);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "206 Partial Content\r\nContent-Range: bytes 0-12/26",
        "206 Partial Content",
        "200 OK\r\nContent-Range: bytes 0-12/26",
        "200 OK\r\ncontent-range: bytes 0-12/26",
        "200 OK\r\nContent-Type: Multipart/ByteRanges; boundary=x",
        "200 OK\r\nContent-Encoding: gzip",
        "200 OK\r\nContent-Encoding: identity, br",
      })
  void responsesThatCouldHideASecretAreRefused(String head) throws Exception {
    String response =
        "HTTP/1.1 " + head + "\r\nContent-Length: 13\r\n\r\n" + SECRET.substring(0, 13);
    try (LoopbackServer server = answering(response)) {
      String url = allow(server, "/");
      assertThat(fixture.get(url))
          .startsWith("HTTP/1.1 502")
          .contains("a secret cannot be detected")
          .doesNotContain("s3cr3t");
      fixture.allow(url);
      assertThat(fixture.get(url)).as("without a secret").contains("s3cr3t");
    }
  }

  @Test
  void aWebSocketWithCompressionIsRefused() throws Exception {
    String switched =
        """
        HTTP/1.1 101 Switching Protocols\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Extensions: permessage-deflate\r
        \r
        """;
    try (LoopbackServer server = answering(switched);
        SocketChannel app = fixture.connect()) {
      write(
          app,
          "GET "
              + allow(server, "/")
              + " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
      assertThat(readUntil(app, "\r\n\r\n")).startsWith("HTTP/1.1 502");
    }
  }

  @Test
  void webSocketResponseHeadsContainNoSecret() throws Exception {
    String switched =
        """
        HTTP/1.1 101 Switching Protocols\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        X-Echo: a %s b\r
        X-A: s3cr3t-Value/\r
        X-B: of+26-letters\r
        \r
        """
            .formatted(SECRET);
    try (LoopbackServer server = answering(switched);
        SocketChannel app = fixture.connect()) {
      write(
          app,
          "GET "
              + allow(server, "/")
              + " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
      assertThat(readUntil(app, "\r\n\r\n"))
          .startsWith("HTTP/1.1 101")
          .contains("X-Echo: a [secret] b\r\n")
          .doesNotContain(SECRET)
          .doesNotContain("of+26-letters");
    }
  }

  /** Each byte of a WebSocket echo shows whether the gateway waits for more. */
  @Test
  void aDestinationThatEchoesGuessesConfirmsNoGuess() throws Exception {
    try (LoopbackServer server = LoopbackServer.plain(LoopbackServer::echo);
        SocketChannel app = fixture.connect()) {
      write(
          app,
          "GET "
              + allow(server, "/ws")
              + " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
              + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
      readUntil(app, "\r\n\r\n");
      for (int length = 1; length <= 12; length++) {
        String guess = SECRET.substring(0, length);
        write(app, "\u0081" + (char) (0x80 | length) + "\0\0\0\0" + guess);
        assertThat(readUntil(app, guess)).isEqualTo("\u0081" + (char) length + guess);
      }
      String whole = "\u0081" + (char) (0x80 | SECRET.length()) + "\0\0\0\0" + SECRET;
      write(app, whole);
      assertThat(readUntil(app, "*".repeat(SECRET.length())))
          .isEqualTo("\u0081" + (char) SECRET.length() + "*".repeat(SECRET.length()));
    }
  }

  @ParameterizedTest
  @MethodSource("echoes")
  void responseHeadersContainNoSecret(List<String> headers) throws Exception {
    String response =
        "HTTP/1.1 200 OK\r\nDate: now\r\n"
            + String.join("\r\n", headers)
            + "\r\nContent-Length: 2\r\nX-Kept: s3\r\n\r\nok";
    try (LoopbackServer server = answering(response)) {
      String shown = fixture.get(allow(server, "/"));
      assertThat(shown).startsWith("HTTP/1.1 200 OK").contains("Date: now", "X-Kept: s3");
      String joined =
          shown
              .lines()
              .filter(line -> line.contains(": "))
              .map(line -> line.substring(line.indexOf(": ") + 2))
              .reduce("", String::concat);
      String all = (shown + joined).toLowerCase(Locale.ROOT);
      assertThat(all)
          .doesNotContain(SECRET.toLowerCase(Locale.ROOT))
          .doesNotContain("s3cr3t-value")
          .doesNotContain("26-letters");
    }
  }

  static List<List<String>> echoes() {
    String token = "s3cr3t-Value/of+26-letters";
    return List.of(
        List.of("X-Echo: a " + token + " b"),
        List.of("Location: /?key=" + token),
        List.of("X-A: s3cr3t-Value/", "X-B: of+26-letters"),
        List.of("X-A: key s3cr3t-Value/", "X-Between: x", "X-B: of+26-letters and more"),
        List.of("X-B: of+26-letters", "X-A: s3cr3t-Value/"),
        List.of("X-A: s", "X-B: 3cr3t-Value/of+26-letters"),
        List.of("X-A: s3cr3t-Val", "X-B: ue/of", "X-C: +26-letters"),
        List.of("X-s3cr3t-Value: /of+26-letters"),
        List.of("x-S3CR3T-VALUE: /OF+26-LETTERS"));
  }

  @Test
  void aSecretInANameDropsTheHeader() {
    Redaction redaction = new Redaction(Set.of("s3cr3t-value-in-a-name"));
    assertThat(
            redaction.redact(
                List.of(
                    new Field("X-s3cr3t-value-in-a-name", "a"),
                    new Field("x-S3CR3T-VALUE-IN-A-NAME-2", "b"),
                    new Field("X-s3cr3t-", "c"),
                    new Field("X-Other", "a value-in-a-name"))))
        .containsExactly(new Field("X-s3cr3t-", "c"), new Field("X-Other", "a value-in-a-name"));
  }

  /** Otherwise an app could test parts of a secret at a destination that echoes headers. */
  @Test
  void aPartOfASecretIsNotRedacted() throws Exception {
    try (LoopbackServer server = LoopbackServer.plain(RedactionTest::reflect)) {
      String url = allow(server, "/");
      for (int length = 1; length < SECRET.length(); length++) {
        String guess = SECRET.substring(0, length);
        assertThat(
                fixture.send(
                    "GET "
                        + url
                        + " HTTP/1.1\r\nHost: x\r\nOrigin: "
                        + guess
                        + "\r\nConnection: close\r\n\r\n"))
            .contains("Access-Control-Allow-Origin: " + guess + "\r\n");
      }
    }
  }

  private static void reflect(LoopbackServer.Request request, OutputStream out)
      throws java.io.IOException {
    out.write(
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nAccess-Control-Allow-Origin: "
                + request.all("Origin").getFirst()
                + "\r\n\r\n")
            .getBytes(US_ASCII));
  }

  @Test
  void reasonTrailersAndChunkExtensionsContainNoSecret() throws Exception {
    String response =
        "HTTP/1.1 200 %1$s\r\nTransfer-Encoding: chunked\r\n\r\n2;x=%1$s\r\nok\r\n0;%1$s\r\nX-T: %1$s\r\n\r\n"
            .formatted(SECRET);
    try (LoopbackServer server = answering(response);
        SocketChannel app = fixture.connect()) {
      write(app, "GET " + allow(server, "/") + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      assertThat(readAll(app)).contains("ok").contains("[secret]").doesNotContain("s3cr3t");
    }
  }
}
