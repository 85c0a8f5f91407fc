package io.dropserver.sandbox.inspector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class UpgradeRequestTest {
  private static final String TOKEN = "0123456789abcdef0123456789abcdef";
  private static final int PORT = 4711;
  private static final String GOOD = "GET /" + TOKEN + " HTTP/1.1\r\nHost: 127.0.0.1:4711\r\n";

  @Test
  void onlyTheAddressThatWasPrintedIsAccepted() throws IOException {
    assertThat(allowed(GOOD)).isTrue();
    assertThat(allowed(GOOD.replace("127.0.0.1:", "localhost:"))).isTrue();
    assertThat(allowed(GOOD + "Origin: devtools://devtools\r\n")).isTrue();
    for (String origin :
        new String[] {
          "null", "http://127.0.0.1:4711", "http://localhost:4711", "https://devtools", "devtools:"
        }) {
      assertThat(allowed(GOOD + "Origin: " + origin + "\r\n")).as(origin).isFalse();
    }
    assertThat(allowed(GOOD.replace("127.0.0.1:4711", "evil.example:4711"))).isFalse();
    assertThat(allowed(GOOD.replace("127.0.0.1:4711", "127.0.0.1:80"))).isFalse();
    assertThat(allowed(GOOD.replace("Host", "X"))).isFalse();
    assertThat(allowed(GOOD.replace(TOKEN, TOKEN.replace('0', '1')))).isFalse();
    assertThat(allowed(GOOD.replace(TOKEN, TOKEN + "/"))).isFalse();
    assertThat(allowed(GOOD.replace("/" + TOKEN, "/"))).isFalse();
    assertThat(allowed(GOOD.replace("GET", "POST"))).isFalse();
  }

  @Test
  void ambiguousHeadsAreRefused() throws IOException {
    assertThat(read(GOOD + "Host: evil.example\r\n")).isEmpty();
    assertThat(read(GOOD + "Origin: http://evil.example\r\nOrigin: devtools://devtools\r\n"))
        .isEmpty();
    assertThat(read(GOOD + "nothing\r\n")).isEmpty();
    assertThat(read(GOOD + ": empty\r\n")).isEmpty();
    assertThat(read(GOOD + "X: " + "y".repeat(9_000) + "\r\n")).isEmpty();
    assertThat(
            UpgradeRequest.read(
                new ByteArrayInputStream(GOOD.getBytes(StandardCharsets.ISO_8859_1))))
        .isEmpty();
  }

  @Test
  void aKeyThatCouldAddHeadersIsRefused() throws IOException {
    String upgrade = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ";
    assertThat(read(GOOD + upgrade + "dGhlIHNhbXBsZSBub25jZQ==\r\n"))
        .hasValueSatisfying(request -> assertThat(request.isUpgrade()).isTrue());
    assertThat(read(GOOD + upgrade + "dGhlIHNhbXBsZSBub25jZQ==\nX: y\r\n")).isEmpty();
    assertThat(read(GOOD + upgrade + "dGhlIHNhbXBsZSBub25jZQ== X: y\r\n"))
        .hasValueSatisfying(request -> assertThat(request.isUpgrade()).isFalse());
  }

  @Test
  void theHeadIsParsedAsStrictlyAsAllOthers() throws IOException {
    assertThat(read(GOOD + "Content-Length: 1\r\n")).isEmpty();
    assertThat(read(GOOD + "X : y\r\n")).isEmpty();
    assertThat(read(GOOD + "X: y\r\n folded\r\n")).isEmpty();
    assertThat(read(GOOD + "X: \u0000\r\n")).isEmpty();
    assertThat(read(GOOD.replace("HTTP/1.1", "HTTP/1.0"))).isEmpty();
  }

  @Test
  void whatFollowsTheHeadRemainsInTheStream() throws IOException {
    InputStream in =
        new ByteArrayInputStream((GOOD + "\r\nframe").getBytes(StandardCharsets.ISO_8859_1));
    assertThat(UpgradeRequest.read(in)).isPresent();
    assertThat(in.readAllBytes()).asString(StandardCharsets.ISO_8859_1).isEqualTo("frame");
  }

  private static boolean allowed(String head) throws IOException {
    return read(head).filter(request -> request.isAllowed(TOKEN, PORT)).isPresent();
  }

  private static Optional<UpgradeRequest> read(String head) throws IOException {
    return UpgradeRequest.read(
        new ByteArrayInputStream((head + "\r\n").getBytes(StandardCharsets.ISO_8859_1)));
  }
}
