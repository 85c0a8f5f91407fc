package io.dropserver.tests.release;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.tests.Checkout;
import io.dropserver.tests.release.Programs.Run;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code bin/release} refuses before it builds anything. */
@Tag("slow")
class ReleaseChecksTest {
  @TempDir Path folder;
  private ReleaseCheckout checkout;

  @BeforeEach
  void cloneTheCheckout() throws Exception {
    checkout = ReleaseCheckout.create(folder.resolve("checkout"));
    checkout.announce("0.9.0");
  }

  private void refused(String version, String... reason) throws Exception {
    Run run = checkout.check(version);
    assertThat(run.exitCode()).as(run.output()).isEqualTo(1);
    assertThat(run.output()).contains(reason);
  }

  private void accepted(String version) throws Exception {
    Run run = checkout.check(version);
    assertThat(run.output()).isEmpty();
    assertThat(run.exitCode()).as("the exit code of the check of " + version).isZero();
  }

  @Test
  void aVersionNeedsASectionOfTheChangelog() throws Exception {
    accepted("0.9.0");
    refused("0.9", "'0.9' is not a version");
    Path changelog = checkout.folder().resolve("CHANGELOG.md");
    Files.writeString(
        changelog, Files.readString(changelog).replace("## Unreleased\n", "## 0.8.0\n"));
    checkout.commit("Release 0.8.0");
    refused("0.9.1", "CHANGELOG.md has neither a section '## 0.9.1' nor '## Unreleased'");
  }

  @Test
  void theSectionUnreleasedIsEnough() throws Exception {
    assertThat(checkout.folder().resolve("CHANGELOG.md")).content().contains("\n## Unreleased\n");
    accepted("0.9.1");
  }

  @Test
  void systemsWithAnOlderCLibraryAreExcluded() throws Exception {
    assertThat(excluded("2.27")).isEmpty();
    assertThat(excluded("2.36")).isEmpty();
    assertThat(excluded("2.38")).isEqualTo("Debian 12 (C library 2.36)\n");
    assertThat(excluded("2.100")).hasLineCount(3);
    assertThat(Files.readString(Checkout.root().resolve("docs/operate/packages.md")))
        .contains(excluded("2.100").replaceAll(" [(].*", "").strip().split("\n"));
  }

  private String excluded(String libc) throws Exception {
    Path program = checkout.folder().resolve("tools/release/excluded-systems");
    return Programs.run(folder, program.toString(), libc).output();
  }

  @Test
  void aCheckoutWithChangesIsRefused() throws Exception {
    Files.writeString(checkout.folder().resolve("new.txt"), "not committed");
    refused("0.9.0", "the checkout has changes", "new.txt");
  }

  @Test
  void aVersionIsReleasedOnceAndVersionsOnlyIncrease() throws Exception {
    checkout.tag("v0.9.0");
    accepted("0.9.0");
    checkout.announce("0.8.0");
    refused("0.9.0", "the tag v0.9.0 is another commit");
    refused("0.8.0", "0.8.0 is earlier than the release v0.9.0");
  }

  @Test
  void aReleaseThatThePreviousOneCannotReadIsRefused() throws Exception {
    checkout.tag("v0.9.0");
    checkout.announce("0.10.0");
    checkout.addMigration();
    accepted("0.10.0");
    checkout.breakCompatibility();
    refused("0.10.0", "the release v0.9.0", "could not read what this one writes");
  }
}
