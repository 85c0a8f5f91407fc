package io.dropserver.base.http1;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadEncoderTest {
  private final HeadEncoder encoder = new HeadEncoder(3_000);

  private static String text(ByteBuffer bytes, Charset charset) {
    return charset.decode(bytes).toString();
  }

  @Test
  void requestsAndResponsesFollowOneAnother() {
    encoder.request("GET", "/a?b").field("Host", "a").field("X", "");
    assertThat(text(encoder.end(), ISO_8859_1))
        .isEqualTo("GET /a?b HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n");

    encoder.response(204, "No Content").field("X-Long", "x".repeat(2_000));
    assertThat(text(encoder.end(), ISO_8859_1))
        .isEqualTo("HTTP/1.1 204 No Content\r\nX-Long: " + "x".repeat(2_000) + "\r\n\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a\r\nInjected: b", "a\nInjected: b", "a\rb", "a\0b", "a\u007fb", "a\u001bb"})
  void aValueCannotBecomeAnotherLine(String value) {
    encoder.request("GET", "/");
    assertThatThrownBy(() -> encoder.field("X", value))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> encoder.request("GET", "/" + value))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> encoder.response(200, value))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "X Y", "X:", "X: a\r\nY", "X\t", "\u00c4", "\u010a", "X\0"})
  void aNameIsAToken(String name) {
    encoder.request("GET", "/");
    assertThatThrownBy(() -> encoder.field(name, "a")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> encoder.request(name, "/"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/ HTTP/1.1", "/\t", " /"})
  void aTargetHasNoBlank(String target) {
    assertThatThrownBy(() -> encoder.request("GET", target))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** A cast to a byte would make U+010A and U+010D a line end. */
  @Test
  void charactersBeyondLatin1AreUtf8() {
    encoder.request("GET", "/").field("X", "a\u010d\u010aInjected: \u20ac");

    assertThat(text(encoder.end(), UTF_8))
        .isEqualTo("GET / HTTP/1.1\r\nX: a\u010d\u010aInjected: \u20ac\r\n\r\n");
  }

  @Test
  void aHeadBeyondItsLimitIsRefused() {
    int field = "X: ".length() + "\r\n".length();
    int rest = "GET / HTTP/1.1\r\n".length() + field + "\r\n".length();
    encoder.request("GET", "/").field("X", "x".repeat(3_000 - rest));
    assertThat(encoder.end().remaining()).isEqualTo(3_000);

    encoder.request("GET", "/").field("X", "x".repeat(3_000 - rest + 1));
    assertThatThrownBy(encoder::end).isInstanceOf(IllegalArgumentException.class);
    encoder.request("GET", "/");
    assertThatThrownBy(() -> encoder.field("X", "\u20ac".repeat(1_000)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aChunkIsNeverEmptyBecauseItWouldEndTheBody() {
    assertThatThrownBy(() -> ChunkEncoder.chunk(ByteBuffer.allocate(0)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
