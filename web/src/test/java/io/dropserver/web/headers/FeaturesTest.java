package io.dropserver.web.headers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
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
    assertThat(Features.policy(Set.of("fullscreen")).split(", "))
        .hasSize(Features.ALL.size())
        .contains("fullscreen=(self)", "camera=()", "clipboard-read=()", "ch-ua-model=()")
        .filteredOn(part -> !part.endsWith("=()"))
        .hasSize(1);
  }

  private static List<String> offered() throws IOException {
    try (InputStream schema = FeaturesTest.class.getResourceAsStream(SCHEMA)) {
      JsonNode features = new JsonMapper().readTree(schema).findValue("features");
      return features.findValue("enum").values().stream().map(JsonNode::asString).toList();
    }
  }
}
