package io.dropserver.reconciler.update;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.schema.instance.SemanticVersion;
import java.io.IOException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublishedJsonTest {
  private static final String SHA = "0123456789abcdef".repeat(4);

  @Test
  void versionsOfARegistryAreThoseThatAreNotDeprecated() throws IOException {
    String answer =
        """
        {"name": "x", "time": {"versions": {"9.0.0": {}}}, "versions": {
          "1.0.0": {"deprecated": "", "dist": {"deprecated": "yes"}},
          "1.1.0": {"deprecated": "use 2"}, "1.2.0": {"deprecated": true},
          "not a version": {}, "1.3.0": 4, "2.0.0-rc.1": {}}, "more": [{}]}
        """;
    assertThat(PublishedJson.npmVersions(answer.getBytes(UTF_8)))
        .map(SemanticVersion::toString)
        .containsExactly("1.0.0", "2.0.0-rc.1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{", "{\"versions\": {\"1.0.0\": ", "<html>"})
  void anythingElseIsAnError(String answer) {
    assertThatThrownBy(() -> PublishedJson.npmVersions(answer.getBytes(UTF_8)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("registry's answer");
    assertThatThrownBy(() -> PublishedJson.listing(answer.getBytes(UTF_8)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("listing");
  }

  @Test
  void tooManyVersionsAreRefused() {
    String versions =
        IntStream.rangeClosed(0, PublishedJson.MAX_VERSIONS)
            .mapToObj(i -> "\"1.0." + i + "\": {}")
            .collect(Collectors.joining(",", "{\"versions\": {", "}}"));
    assertThatThrownBy(() -> PublishedJson.npmVersions(versions.getBytes(UTF_8)))
        .hasMessageContaining("more than 20000 versions");
    byte[] large = new byte[PublishedJson.MAX_LISTING_BYTES + 1];
    assertThatThrownBy(() -> PublishedJson.listing(large))
        .hasMessageContaining("larger than 1 MiB");
  }

  @Test
  void aListingNeedsVersionUrlAndDigest() throws IOException {
    String listing =
        """
        {"versions": [
          {"version": "1.0.0", "url": "https://x.example/1.tar.gz", "sha256": "SHA", "changelog": "New"},
          {"version": "1.0", "url": "https://x.example/1.tar.gz", "sha256": "SHA"},
          {"version": "1.1.0", "url": "http://x.example/1.tar.gz", "sha256": "SHA"},
          {"version": "1.2.0", "url": "https://x.example/1.tar.gz", "sha256": "short"},
          7]}
        """
            .replace("SHA", SHA);
    assertThat(PublishedJson.listing(listing.getBytes(UTF_8)))
        .singleElement()
        .satisfies(
            candidate -> {
              assertThat(candidate.version()).hasToString("1.0.0");
              assertThat(candidate.texts())
                  .containsEntry("source.package", "https://x.example/1.tar.gz")
                  .containsEntry("source.sha256", SHA);
              assertThat(candidate.changelog()).contains("New");
            });
  }
}
