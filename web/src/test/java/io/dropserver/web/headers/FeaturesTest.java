package io.dropserver.web.headers;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.web.headers.Features.Audience;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Set;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class FeaturesTest {
  private static final String SCHEMA = "/io/dropserver/schema/instance/egresswhitelist.schema.json";

  @Test
  void everyWhitelistableFeatureIsOffByDefault() throws IOException {
    List<String> offered = offered();

    assertThat(offered).hasSizeGreaterThan(10);
    assertThat(Features.ALL).containsAll(offered).doesNotHaveDuplicates().isSorted();
  }

  @Test
  void onlyTheWhitelistedFeatureIsSwitchedOn() {
    assertThat(Features.policy(Audience.ANY, Set.of("fullscreen"), "self").split(", "))
        .hasSize(Features.ALL.size())
        .contains("fullscreen=(self)", "camera=()", "clipboard-read=()", "ch-ua-model=()")
        .filteredOn(part -> !part.endsWith("=()"))
        .hasSize(1);
  }

  /**
   * Only versions that were checked get fewer names, so that other browsers deny at least these.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0 Safari/537.36 | CHROMIUM_ON_LINUX",
        "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/157.0.0.0 | CHROMIUM_ON_LINUX",
        "Mozilla/5.0 (Linux; Android 10; K) Chrome/156.0.0.0 Mobile | CHROMIUM",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/160.0.0.0 Edg/160.0.0.0 | CHROMIUM",
        "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/156.0.0.0 | CHROMIUM",
        "Mozilla/5.0 (X11; Linux x86_64) Chrome/155.0.0.0 | ANY",
        "Mozilla/5.0 (X11; Linux x86_64) Chrome/99999999999999999999.0 | ANY",
        "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0 | ANY",
        "curl/8 | ANY"
      })
  void theNamesDependOnTheBrowser(String agent, Audience expected) {
    HttpFields request = HttpFields.build().add(HttpHeader.USER_AGENT, agent);
    assertThat(Audience.of(request)).isEqualTo(expected);
  }

  @Test
  void aRequestWithoutUserAgentGetsAllNames() {
    assertThat(Audience.of(HttpFields.EMPTY)).isEqualTo(Audience.ANY);
    assertThat(Features.policy(Audience.ANY, Set.of(), "self").split(", "))
        .hasSize(Features.ALL.size());
  }

  @Test
  void chromiumGetsPowerfulFeaturesAndGrantedOnes() {
    assertThat(
            Features.policy(Audience.CHROMIUM_ON_LINUX, Set.of("ambient-light-sensor"), "self")
                .split(", "))
        .contains("camera=()", "usb=()", "local-network=()", "ambient-light-sensor=(self)")
        .doesNotContain("bluetooth=()", "run-ad-auction=()");
    assertThat(Features.policy(Audience.CHROMIUM, Set.of(), "self").split(", "))
        .contains("bluetooth=()", "web-share=()")
        .doesNotContain("ambient-light-sensor=()");
  }

  private static List<String> offered() throws IOException {
    try (InputStream schema = FeaturesTest.class.getResourceAsStream(SCHEMA)) {
      JsonNode features = new JsonMapper().readTree(schema).findValue("features");
      return features.findValue("enum").values().stream().map(JsonNode::asString).toList();
    }
  }
}
