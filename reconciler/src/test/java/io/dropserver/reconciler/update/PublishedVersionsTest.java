package io.dropserver.reconciler.update;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.sandbox.app.RedirectRule;
import io.dropserver.schema.instance.SemanticVersion;
import java.net.InetAddress;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublishedVersionsTest {
  private static final URI LISTING = URI.create("https://apps.example.org/weather.json");
  private static final String PACKAGE = "https://cdn.example.org/weather-1.1.0.tar.gz";
  private static final Map<String, String> NAMES =
      Map.of(
          "apps.example.org", "93.184.216.34",
          "cdn.example.org", "93.184.216.35",
          "router.lan", "192.168.1.1");

  private final RedirectRule rule =
      new RedirectRule(
          host -> new InetAddress[] {InetAddress.ofLiteral(NAMES.getOrDefault(host, host))});

  private static Candidate candidate(String url, String signature) {
    return new Candidate(
        new SemanticVersion(1, 1, 0, ""),
        Map.of("source.package", url, "source.signature", signature),
        Optional.empty());
  }

  /** The trial fetches the package before a person sees its URL. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://router.lan/reboot",
        "https://127.0.0.1:8443/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest/meta-data",
      })
  void aPublicListingDoesNotReachIntoTheNetworkOfThisMachine(String inside) {
    for (Candidate candidate :
        new Candidate[] {candidate(inside, PACKAGE + ".sig"), candidate(PACKAGE, inside)}) {
      assertThatThrownBy(() -> PublishedVersions.requireReachable(LISTING, candidate, rule))
          .hasMessageContaining("version 1.1.0")
          .hasMessageContaining("not public");
    }
  }

  @Test
  void aListingNamesOtherPublicHostsAndAPrivateListingNamesPrivateHosts() {
    assertThatCode(
            () -> {
              PublishedVersions.requireReachable(
                  LISTING, candidate(PACKAGE, PACKAGE + ".sig"), rule);
              PublishedVersions.requireReachable(
                  URI.create("https://router.lan/apps.json"),
                  candidate("https://router.lan/a.tar.gz", PACKAGE),
                  rule);
            })
        .doesNotThrowAnyException();
  }
}
