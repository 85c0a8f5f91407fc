package io.dropserver.sandbox.app;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedirectRuleTest {
  private static final Map<String, List<String>> NAMES =
      Map.of(
          "apps.example.org", List.of("93.184.216.34"),
          "cdn.example.org", List.of("2606:2800:220:1::1", "93.184.216.35"),
          "mixed.example.org", List.of("93.184.216.34", "10.0.0.1"),
          "router.lan", List.of("192.168.1.1"));

  private final RedirectRule rule = new RedirectRule(RedirectRuleTest::addresses);

  private static InetAddress[] addresses(String host) throws UnknownHostException {
    List<String> addresses = NAMES.getOrDefault(host, List.of(host));
    InetAddress[] found = new InetAddress[addresses.size()];
    for (int i = 0; i < found.length; i++) {
      found[i] = InetAddress.ofLiteral(addresses.get(i));
    }
    return found;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://router.lan/reboot",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://mixed.example.org/file",
        "HTTPS://10.0.0.1/",
      })
  void aPublicServerDoesNotRedirectIntoTheNetworkOfThisMachine(String to) {
    assertThatThrownBy(
            () -> rule.requireRedirect(URI.create("https://apps.example.org/file"), URI.create(to)))
        .hasMessageContaining("not public");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://127.0.0.1/", "HTTP://[::1]/", "http://cdn.example.org/"})
  void encryptionIsNotDropped(String to) {
    for (String from : List.of("https://apps.example.org/file", "https://router.lan/file")) {
      assertThatThrownBy(() -> rule.requireRedirect(URI.create(from), URI.create(to)))
          .hasMessageContaining("from https: to http:");
    }
  }

  @Test
  void otherRedirectsAreFollowed() {
    for (String from : List.of("https://apps.example.org/a", "https://router.lan/a")) {
      assertThatCode(
              () -> rule.requireRedirect(URI.create(from), URI.create("https://cdn.example.org/b")))
          .doesNotThrowAnyException();
    }
    assertThatCode(
            () ->
                rule.requireRedirect(
                    URI.create("https://router.lan/a"), URI.create("https://10.0.0.1/b")))
        .doesNotThrowAnyException();
  }

  @Test
  void anUrlWithoutAHostIsRefused() {
    assertThatThrownBy(
            () ->
                rule.requireRedirect(
                    URI.create("https://apps.example.org/a"), URI.create("https:///b")))
        .hasMessageContaining("names no host");
  }
}
