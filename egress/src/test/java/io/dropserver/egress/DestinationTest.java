package io.dropserver.egress;

import static io.dropserver.testing.property.Property.forAll;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.testing.property.Generator;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DestinationTest {

  @ParameterizedTest
  @CsvSource({
    "https://example.org, https://example.org/",
    "HTTPS://EXAMPLE.ORG./, https://example.org/",
    "https://example.org:443/a, https://example.org/a",
    "https://example.org:/a, https://example.org/a",
    "http://example.org:8080/a?b#c, http://example.org:8080/a",
    "wss://example.org/live, https://example.org/live",
    "https://example.org/a/./b/../c, https://example.org/a/c",
    "https://example.org/a/%2e%2E/c, https://example.org/c",
    "https://example.org/../../etc, https://example.org/etc",
    "https://example.org/%7euser/%c3%a9, https://example.org/~user/%C3%A9",
    "https://example.org/a/.., https://example.org/",
    "https://example.org/%252f/x%2520y, https://example.org/%252f/x%2520y",
    "https://example.org/a..b/..c/d../%E2%80%A6x, https://example.org/a..b/..c/d../%E2%80%A6x",
    "https://example.org/100%25, https://example.org/100%25",
    "https://example.org//a, https://example.org//a",
    "http://[::1]/, http://[0:0:0:0:0:0:0:1]/",
  })
  void urlsAreNormalised(String written, String normalised) {
    assertThat(Destination.parse(written)).hasToString(normalised);
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, 127.0.0.1",
    "127.1, 127.0.0.1",
    "127.0.1, 127.0.0.1",
    "2130706433, 127.0.0.1",
    "0x7f000001, 127.0.0.1",
    "0x7F.1, 127.0.0.1",
    "017700000001, 127.0.0.1",
    "0177.0.0.1, 127.0.0.1",
    "0, 0.0.0.0",
    "0x, 0.0.0.0",
    "127.0.0.1., 127.0.0.1",
    "192.168.257, 192.168.1.1",
    "[::ffff:7f00:1], 127.0.0.1",
  })
  void everySpellingOfAnIpv4AddressIsThatAddress(String written, String address) {
    Host host = Host.parse(written);

    assertThat(host.literal().map(a -> SpecialAddresses.unmapped(a).getHostAddress()))
        .contains(address);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "example.org",
        "//example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https:///path",
        "https://user@example.org/",
        "https://user:password@example.org/",
        "https://example.org@evil.example/",
        "https://example.org\\@evil.example/",
        "https://example.org\\.evil.example/",
        "https://exa mple.org/",
        "https://example.org/\r\nHost: evil.example",
        "https://example.org/\u0000",
        "https://ex%61mple.org/",
        "https://exämple.org/",
        "https://аpple.com/",
        "https://example。org/",
        "https://example.org:0/",
        "https://example.org:65536/",
        "https://example.org:99999999999/",
        "https://example.org:+443/",
        "https://example.org:4 43/",
        "https://example..org/",
        "https://.example.org/",
        "https://256.256.256.256/",
        "https://1.2.3.4.5/",
        "https://127.0.0.08/",
        "https://0x100000000/",
        "https://example.0x7f/",
        "https://[fe80::1%25eth0]/",
        "https://[fe80::1%eth0]/",
        "https://[::1/",
        "https://[::g]/",
        "https://[127.0.0.1]/",
        "https://[example.org]/",
        "https://example.org/%2f%2e%2e/",
        "https://example.org/a/..%2fb",
        "https://example.org/a/%2e%2e%5Cb",
        "https://example.org/a/..;/b",
        "https://example.org/a/.;x=1/b",
        "https://example.org/v1/%252e%252e/x",
        "https://example.org/v1/%25%32%65%252e/x",
        "https://example.org/v1/.%25252e/x",
        "https://example.org/v1/%2525252525252525252e./x",
        "https://example.org/v1/..%252fx",
        "https://example.org/v1/%255c..%255cx",
        "https://example.org/v1/%c0%ae%c0%ae/x",
        "https://example.org/v1/%25c0%25ae./x",
        "https://example.org/v1/%C0%2E./x",
        "https://example.org/v1/%e0%80%ae%e0%80%ae/x",
        "https://example.org/v1/%f0%80%80%ae./x",
        "https://example.org/v1/..%c0%afx",
        "https://example.org/v1/..%20/x",
        "https://example.org/v1/..%09/x",
        "https://example.org/v1/%20../x",
        "https://example.org/v1/.%20./x",
        "https://example.org/v1/..%0d%0a/x",
        "https://example.org/v1/..%2520/x",
        "https://example.org/v1/..%c2%a0/x",
        "https://example.org/v1/..%e2%80%8b/x",
        "https://example.org/v1/..%2500/x",
        "https://example.org/v1/..%2500.json/x",
        "https://example.org/v1/.../x",
        "https://example.org/v1/%ef%bc%8e%ef%bc%8e/x",
        "https://example.org/v1/%e2%80%a5/x",
        "https://example.org/v1/..%ef%bc%8fx",
        "https://example.org/v1/%25u002e%25u002e/x",
        "https://example.org/v1/..%3b/x",
        "https://example.org/v1/..%3fx/y",
        "https://example.org/v1/..%23x/y",
        "https://example.org/v1/..;a=b%2f/x",
        "https://example.org/a%00b",
        "https://example.org/a%",
        "https://example.org/a%zz",
        "https://example.org/a%4",
      })
  void ambiguousUrlsAreRefused(String url) {
    assertThatThrownBy(() -> Destination.parse(url)).isInstanceOf(DestinationException.class);
  }

  @Test
  void normalisationIsIdempotent() {
    forAll(
        1000,
        urls(),
        url -> {
          Destination once;
          try {
            once = Destination.parse(url);
          } catch (DestinationException refused) {
            return;
          }
          assertThat(Destination.parse(once.withoutQuery()))
              .isEqualTo(
                  new Destination(
                      once.scheme(),
                      once.host(),
                      once.port(),
                      once.path(),
                      java.util.Optional.empty()));
          assertThat(once.path()).startsWith("/");
          assertThat(once.path().split("/")).doesNotContain("..", ".");
        });
  }

  /** Models servers that decode again, cut parameters and trim blanks, in any order. */
  @Test
  void repeatedDecodingOfAPathYieldsNoDotSegment() {
    forAll(
        5_000,
        urls(),
        url -> {
          String path;
          try {
            path = Destination.parse(url).path();
          } catch (DestinationException refused) {
            return;
          }
          for (int decodings = 0; decodings < 4; decodings++) {
            for (String segment : path.split("[/\\\\]", -1)) {
              String cut = segment.replaceFirst("[;?#\0].*", "");
              assertThat(List.of(segment, segment.strip(), cut, cut.strip()))
                  .doesNotContain(".", "..");
            }
            path = new String(decoded(path), ISO_8859_1);
          }
        });
  }

  private static byte[] decoded(String path) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < path.length(); i++) {
      boolean escape =
          path.startsWith("%", i) && path.substring(i).matches("(?s)%[0-9A-Fa-f]{2}.*");
      out.write(escape ? Integer.parseInt(path.substring(i + 1, i + 3), 16) : path.charAt(i));
      i += escape ? 2 : 0;
    }
    return out.toByteArray();
  }

  @Test
  void anyTextIsParsedOrRefused() {
    forAll(
        1000,
        Generator.text(300),
        text -> {
          try {
            Destination.parse(text);
          } catch (DestinationException expected) {
            assertThat(expected).hasMessageNotContaining("\n");
          }
        });
  }

  private static Generator<String> urls() {
    Generator<String> pieces =
        Generator.of(
            "a", "b", "/", "//", ".", "..", "%2e", "%2E%2e", "%25", "2e", "%20", "%09", "%2f",
            "%5c", "%3b", "%41", "%c3%a9", "~", "?", "#", ":", "é", ";");
    return pieces.list(0, 12).map(list -> "https://h.example/" + String.join("", list));
  }
}
