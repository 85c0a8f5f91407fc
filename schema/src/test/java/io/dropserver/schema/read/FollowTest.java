package io.dropserver.schema.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.Follow;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.Problem;
import io.dropserver.schema.instance.SemanticVersion;
import io.dropserver.schema.instance.VersionRange;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FollowTest {
  private static final InstanceReader READER = new InstanceReader();
  private static final String NPM = "{npm: wiki}";
  private static final String GIT =
      "{git: \"https://forge.example.org/wiki.git\", commit: " + "a".repeat(40) + "}";
  private static final String PACKAGE =
      "{package: \"https://apps.example.org/wiki.tar.gz\", sha256: " + "b".repeat(64) + "}";

  @ParameterizedTest
  @CsvSource({
    "^5.4, 5.4.0 5.99.1, 5.3.9 6.0.0 5.4.0-rc.1",
    "^0.2.3, 0.2.3 0.2.9, 0.3.0 0.2.2",
    "^0.0.3, 0.0.3, 0.0.4",
    "^0, 0.9.1, 1.0.0",
    "~1.2, 1.2.9, 1.3.0",
    "~1.2.3, 1.2.3, 1.2.2 1.3.0",
    "1.x, 1.0.0 1.9.9, 2.0.0 0.9.0",
    "*, 0.0.1 99.0.0, 1.0.0-beta",
    "1.2.3, 1.2.3, 1.2.4",
    ">=1.2 <3, 1.2.0 2.9.9, 3.0.0 1.1.9",
    ">1.2 <=2.1, 1.3.0 2.1.9, 1.2.5 2.2.0",
    "^1.0 || ^3.0, 1.5.0 3.1.0, 2.0.0",
    ">= 1.2.0, 1.2.0, 1.1.0"
  })
  void aRangeContainsWhatNpmMeans(String text, String inside, String outside) {
    VersionRange range = VersionRange.parse(text).orElseThrow();
    for (String version : inside.split(" ", -1)) {
      assertThat(range.contains(version(version))).as(version).isTrue();
    }
    for (String version : outside.split(" ", -1)) {
      assertThat(range.contains(version(version))).as(version).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "latest", "^a", "1.2.3.4", "^^1", "git:x", "^1 ||", "99999999999999999999"})
  void otherTextIsNoRange(String text) {
    assertThat(VersionRange.parse(text)).isEmpty();
  }

  @Test
  void versionsAreOrderedAsSemanticVersioningDoes() {
    List<String> ordered =
        List.of(
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0",
            "1.2.0",
            "1.10.0");
    assertThat(
            ordered.reversed().stream()
                .map(FollowTest::version)
                .sorted()
                .map(SemanticVersion::toString))
        .containsExactlyElementsOf(ordered);
    assertThat(SemanticVersion.parse("1.2")).isEmpty();
    assertThat(SemanticVersion.parse("01.2.3")).isEmpty();
    assertThat(version("1.0.10").isPatchOf(version("1.0.9"))).isTrue();
    assertThat(version("1.1.0").isPatchOf(version("1.0.9"))).isFalse();
    assertThat(version("1.0.0").isPatchOf(version("1.0.0-rc"))).isFalse();
  }

  @Test
  void eachSourceHasAnOriginOfItsOwn() throws IOException {
    assertThat(follow(NPM, "{range: ^1.0, interval: 2h, merge: patch}"))
        .extracting(Follow::origin, Follow::interval, Follow::merge)
        .containsExactly(new Follow.Registry(), Duration.ofHours(2), Follow.Merge.PATCH);
    Follow tags = follow(GIT, "{tags: \"v*\"}");
    assertThat(tags.range()).isEqualTo(VersionRange.ALL);
    assertThat(tags.interval()).isEqualTo(Duration.ofHours(24));
    assertThat(tags.merge()).isEqualTo(Follow.Merge.NEVER);
    assertThat(((Follow.Tags) tags.origin()).version("v1.2.3")).contains(version("1.2.3"));
    assertThat(((Follow.Tags) tags.origin()).version("x1.2.3")).isEmpty();
    assertThat(follow(PACKAGE, "{listing: \"https://apps.example.org/wiki.json\"}").origin())
        .isInstanceOf(Follow.Listing.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{npm: wiki}; {interval: 2h}; lacks `range`",
        "{npm: wiki}; {range: latest}; is not a range of versions",
        "{npm: wiki}; {range: ^1, tags: 'v*'}; `tags` does not fit",
        "{path: apps/wiki}; {range: ^1}; has no other origin"
      })
  void whatDoesNotFitIsAProblem(String source, String follow, String message) throws IOException {
    assertThat(problems(source, follow)).contains(message).contains("apps/wiki.yaml:");
  }

  @Test
  void otherOriginsNeedTheirOwnFields() throws IOException {
    assertThat(problems(GIT, "{tags: v}")).contains("lacks a pattern of tags with one *");
    assertThat(problems(GIT, "{tags: \"v*-*\"}")).contains("lacks a pattern of tags with one *");
    assertThat(problems(PACKAGE, "{listing: \"http://apps.example.org/\"}"))
        .contains("lacks the https URL of its listing");
    assertThat(problems(PACKAGE, "{listing: \"https://a:b@apps.example.org/\"}"))
        .contains("lacks the https URL of its listing");
  }

  @Test
  void anIntervalBelowAnHourIsRefused() throws IOException {
    assertThat(problems(NPM, "{range: ^1.0, interval: 59m}")).contains("interval").contains("1h");
  }

  private static SemanticVersion version(String text) {
    return SemanticVersion.parse(text).orElseThrow();
  }

  private static Follow follow(String source, String follow) throws IOException {
    Instance instance = read(source, follow).instance().orElseThrow();
    return Objects.requireNonNull(instance.apps().get("wiki")).follow().orElseThrow();
  }

  private static String problems(String source, String follow) throws IOException {
    return read(source, follow).problems().stream()
        .map(Problem::toString)
        .collect(Collectors.joining("\n"));
  }

  private static ReadResult read(String source, String follow) throws IOException {
    String app =
        """
        apiVersion: dropserver.io/v1
        kind: App
        metadata: {name: wiki}
        spec:
          follow: %s
          versions:
            - version: 1.0.0
              source: %s
        """
            .formatted(follow, source);
    return READER.read(
        InstanceReaderTest.tree().with("apps/wiki.yaml", app),
        ReadOptions.WHOLE_REPOSITORY.withoutLockFiles());
  }
}
