package io.dropserver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.cli.VersionCommand.Version;
import java.util.jar.Attributes;
import org.junit.jupiter.api.Test;

class VersionCommandTest {
  private static Attributes manifest(String... pairs) {
    Attributes manifest = new Attributes();
    for (int i = 0; i < pairs.length; i += 2) {
      manifest.putValue(pairs[i], pairs[i + 1]);
    }
    return manifest;
  }

  @Test
  void aBuildPrintsItsVersionCommitAndTime() {
    Version version =
        Version.of(
            manifest(
                "Implementation-Version", "1.2.3",
                "Build-Commit", "0123abcd",
                "Build-Time", "2026-11-30T12:00:00Z"));
    assertThat(version.line())
        .startsWith("dropserver 1.2.3 (commit 0123abcd, built 2026-11-30T12:00:00Z, Java 25");
  }

  @Test
  void aBuildWithoutGitSaysThatItsCommitIsUnknown() {
    Version version = Version.of(manifest("Build-Commit", "unknown", "Build-Time", "unknown"));
    assertThat(version.commit()).isEmpty();
    assertThat(version.line())
        .startsWith("dropserver development (commit unknown, built unknown, Java ");
  }

  @Test
  void theManifestOfAJarIsRead() {
    Attributes manifest = BuildManifest.ofClass(Test.class);
    assertThat(manifest.getValue(Attributes.Name.MANIFEST_VERSION)).isEqualTo("1.0");
  }
}
