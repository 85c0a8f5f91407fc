package io.dropserver.tests.release;

import static org.assertj.core.api.Assertions.assertThat;

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
    refused("0.9.1", "CHANGELOG.md has no section '## 0.9.1'");
    refused("0.9", "'0.9' is not a version");
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
