package io.dropserver.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.egress.EgressPolicy.Denial;
import io.dropserver.egress.EgressPolicy.Grant;
import io.dropserver.egress.EgressPolicy.Granted;
import io.dropserver.egress.EgressPolicy.Refused;
import io.dropserver.egress.EgressPolicy.Undecided;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EgressPolicyTest {

  @ParameterizedTest
  @CsvSource({
    "https://api.example.org/v1/, https://api.example.org/v1/forecast, true",
    "https://api.example.org/v1/, https://api.example.org/v1, true",
    "https://api.example.org/v1, https://api.example.org/v1, true",
    "https://api.example.org/v1, https://api.example.org/v1/a?b, true",
    "https://api.example.org/v1, https://api.example.org/v10, false",
    "https://api.example.org/v1/, https://api.example.org/v1/../admin, false",
    "https://api.example.org/v1/, https://api.example.org/v1/%2e%2e/admin, false",
    "https://api.example.org/v1/, https://api.example.org/V1/a, false",
    "https://registry.example.org/, https://registry.example.org/@scope%2fname, true",
    "https://api.example.org/a/b/, https://api.example.org/a%2fb/c, false",
    "https://api.example.org/a%2fb/, https://api.example.org/a%2fb/c, false",
    "https://api.example.org/a/, https://api.example.org/a%2fb/c, false",
    "https://api.example.org/a/, https://api.example.org/a/b%2fc, true",
    "https://api.example.org/, http://api.example.org/, false",
    "https://api.example.org/, https://api.example.org:8443/, false",
    "https://api.example.org/, https://api.example.org./, true",
    "https://api.example.org/, https://api.example.org.evil.example/, false",
    "https://api.example.org/, https://xapi.example.org/, false",
    "https://*.example.org/, https://a.example.org/, true",
    "https://*.example.org/, https://a.b.example.org/, true",
    "https://*.example.org/, https://example.org/, false",
    "https://*.example.org/, https://badexample.org/, false",
    "wss://live.example.org/, https://live.example.org/, true",
  })
  void aPatternMatchesWholeLabelsAndWholeSegments(String pattern, String url, boolean matches) {
    assertThat(UrlPattern.parse(pattern).matches(Destination.parse(url))).isEqualTo(matches);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://*/",
        "https://*.org/",
        "https://a.*.example.org/",
        "https://*example.org/",
        "https://example.org/*",
        "https://example.org/?a",
        "https://example.org/#a",
        "https://*.127.0.0.1/",
        "*.example.org",
      })
  void overlyBroadOrInvalidPatternsAreRefused(String pattern) {
    assertThatThrownBy(() -> UrlPattern.parse(pattern)).isInstanceOf(DestinationException.class);
  }

  @Test
  void aDenialWinsOverAGrant() {
    EgressPolicy policy =
        new EgressPolicy(
            List.of(grant("https://*.example.net/", "GET")),
            List.of(new Denial(UrlPattern.parse("https://stats.example.net/"), Set.of())),
            Collections.emptySortedSet());

    assertThat(policy.decide(Destination.parse("https://cdn.example.net/"), "GET"))
        .isInstanceOf(Granted.class);
    assertThat(policy.decide(Destination.parse("https://stats.example.net/p"), "GET"))
        .isInstanceOf(Refused.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://files.example.net/private/",
        "https://files.example.net/private",
        "https://files.example.net/%70rivate/x",
        "https://files.example.net/a/../private/x",
        "https://files.example.net//private/x",
        "https://files.example.net/private%2fx",
        "https://files.example.net/private%5cx",
        "https://files.example.net/%2fprivate%2fx",
        "https://files.example.net/private;v=1/x",
        "https://files.example.net/PRIVATE/x",
        "https://files.example.net/%2570rivate/x",
        "https://files.example.net/private%252fx",
        "https://files.example.net/private%20/x",
        "https://files.example.net/private./x",
        "https://files.example.net/private%3fx",
        "https://files.example.net/%ef%bd%90rivate/x",
      })
  void aDenialIsNotPassedByAnotherSpelling(String url) {
    EgressPolicy policy =
        new EgressPolicy(
            List.of(grant("https://files.example.net/", "GET")),
            List.of(new Denial(UrlPattern.parse("https://files.example.net/private/"), Set.of())),
            Collections.emptySortedSet());
    assertThat(policy.decide(Destination.parse(url), "GET")).isInstanceOf(Refused.class);
    assertThat(policy.decide(Destination.parse("https://files.example.net/privately"), "GET"))
        .isInstanceOf(Granted.class);
  }

  @Test
  void aDenialOfEveryNamedMethodDeniesAllOthersToo() {
    Denial denial =
        new Denial(
            UrlPattern.parse("https://stats.example.net/"),
            Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"));
    EgressPolicy policy =
        new EgressPolicy(List.of(), List.of(denial), Collections.emptySortedSet());
    assertThat(policy.decide(Destination.parse("https://stats.example.net/"), "PROPFIND"))
        .isInstanceOf(Refused.class);
  }

  @Test
  void aMethodThatIsNotNamedIsNotGranted() {
    EgressPolicy policy =
        new EgressPolicy(
            List.of(grant("https://api.example.org/", "GET")),
            List.of(),
            Collections.emptySortedSet());

    assertThat(policy.decide(Destination.parse("https://api.example.org/"), "POST"))
        .isInstanceOf(Undecided.class);
    assertThat(EgressPolicy.NOTHING.decide(Destination.parse("https://api.example.org/"), "GET"))
        .isInstanceOf(Undecided.class);
  }

  private static Grant grant(String url, String method) {
    return new Grant(UrlPattern.parse(url), Set.of(method), Collections.emptySortedMap());
  }
}
