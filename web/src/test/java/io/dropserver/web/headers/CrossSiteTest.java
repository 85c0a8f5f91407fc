package io.dropserver.web.headers;

import static org.assertj.core.api.Assertions.assertThat;

import org.eclipse.jetty.http.HttpFields;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CrossSiteTest {
  private static final Origin OWN = Origin.of("http", "notes.home.localhost", 8080);

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        // Origin, Sec-Fetch-Site, refused
        "-, -, false",
        "http://notes.home.localhost:8080, same-origin, false",
        "http://notes.home.localhost:8080, -, false",
        "-, same-origin, false",
        "-, none, false",
        "null, same-origin, false",
        "null, -, true",
        "null, none, true",
        "http://other.home.localhost:8080, same-site, true",
        "http://other.home.localhost:8080, -, true",
        "http://home.localhost:8080, same-site, true",
        "http://notes.home.localhost, -, true",
        "https://notes.home.localhost:8080, -, true",
        "https://evil.example, cross-site, true",
        "-, same-site, true",
        "-, cross-site, true",
        "http://notes.home.localhost:8080, same-site, true",
        "http://notes.home.localhost:8080, SAME-ORIGIN, true"
      })
  void onlyPagesOfTheAppspaceCanChangeIt(
      @org.jspecify.annotations.Nullable String origin,
      @org.jspecify.annotations.Nullable String site,
      boolean refused) {
    HttpFields.Mutable headers = HttpFields.build();
    if (origin != null) {
      headers.add("Origin", origin);
    }
    if (site != null) {
      headers.add("Sec-Fetch-Site", site);
    }
    for (String method : new String[] {"POST", "PUT", "PATCH", "DELETE", "PROPFIND", "get"}) {
      assertThat(CrossSite.forbids(method, headers, OWN)).as(method).isEqualTo(refused);
    }
    assertThat(CrossSite.forbidsHandshake(headers, OWN)).isEqualTo(refused);
    assertThat(CrossSite.forbids("GET", headers, OWN)).isFalse();
    assertThat(CrossSite.forbids("HEAD", headers, OWN)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    // Sec-Fetch-Site, Sec-Fetch-Mode, refused
    "same-site, no-cors, true",
    "same-site, cors, true",
    "cross-site, no-cors, true",
    "cross-site, same-origin, true",
    "cross-site, navigate, false",
    "same-site, navigate, false",
    "same-origin, cors, false",
    "same-origin, no-cors, false",
    "none, no-cors, false"
  })
  void crossSiteEmbeddingIsRefused(String site, String mode, boolean refused) {
    HttpFields headers = HttpFields.build().add("Sec-Fetch-Site", site).add("Sec-Fetch-Mode", mode);
    for (String method : new String[] {"GET", "HEAD", "OPTIONS"}) {
      assertThat(CrossSite.forbids(method, headers, OWN)).as(method).isEqualTo(refused);
    }
  }
}
