package io.dropserver.tests.forge;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.reconciler.forge.ForgeInspection.Finding;
import io.dropserver.reconciler.forge.ForgeInspection.Result;
import io.dropserver.reconciler.forge.Forges;
import io.dropserver.schema.host.HostConfig.Forge;
import io.dropserver.tests.forge.FakeRepositoryPages.Hook;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Each property of a forge that the server needs is missing once. */
@ParameterizedClass
@EnumSource(
    value = Forge.class,
    names = {"GITHUB", "GITLAB", "GITEA"})
class ForgeInspectionTest {
  private static final Hook GOOD =
      new Hook("https://home.example.org/hooks/hub", true, List.of("push", "pull_request"), "");

  @Parameter Forge kind = Forge.NONE;
  @TempDir Path folder;
  private Duration ahead = Duration.ZERO;
  private boolean signs;

  @SuppressWarnings("NullAway.Init")
  private FakeForge forge;

  @BeforeEach
  void start() throws IOException {
    forge = FakeForge.open(kind, Map::of);
    forge.pages().hooks = List.of(GOOD);
    Files.writeString(folder.resolve("token"), FakeForge.TOKEN + "\n");
  }

  @AfterEach
  void stop() {
    forge.close();
  }

  private List<Finding> inspect() {
    Forges.RepositoryLocation location =
        new Forges.RepositoryLocation(
            kind,
            URI.create(forge.api()),
            "https://forge.example/alice/home.git",
            folder.resolve("token"));
    List<Finding> findings =
        Forges.inspection(location, () -> Instant.now().plus(ahead))
            .orElseThrow()
            .run("main", List.of("hub"), signs);
    assertThat(findings).noneMatch(f -> f.toString().contains(FakeForge.TOKEN));
    return findings;
  }

  private Finding only(String subject, Result result) {
    List<Finding> findings = inspect();
    assertThat(findings)
        .filteredOn(finding -> !finding.subject().equals(subject))
        .allMatch(finding -> finding.result() == Result.WORKS);
    Finding found =
        findings.stream().filter(f -> f.subject().equals(subject)).findFirst().orElseThrow();
    assertThat(found.result()).as(found.toString()).isEqualTo(result);
    assertThat(found.remedy()).isNotBlank();
    return found;
  }

  @Test
  void aForgeThatIsSetUpPassesWithoutAChange() {
    List<Finding> findings = inspect();
    assertThat(findings)
        .extracting(Finding::subject)
        .containsExactly(
            "forge token", "clock", "forge token scopes", "webhook hub", "branch main");
    assertThat(findings).allMatch(finding -> finding.result() == Result.WORKS);
    assertThat(forge.pulls()).isEmpty();
    assertThat(forge.statuses()).isEmpty();
  }

  @Test
  void aRefusedTokenIsNamedByItsFile() throws IOException {
    Files.writeString(folder.resolve("token"), "0ld");
    Finding token = only("forge token", Result.FAILS);
    assertThat(token.detail()).contains("401");
    assertThat(token.remedy()).contains(folder.resolve("token").toString());
  }

  @Test
  void aTokenThatMayOnlyReadIsNamedWithTheScopesThatItNeeds() {
    forge.pages().readOnlyToken = true;
    assertThat(only("forge token scopes", Result.FAILS).remedy())
        .contains(
            switch (kind) {
              case GITLAB -> "api";
              case GITEA, FORGEJO -> "write:repository and write:issue";
              case GITHUB, NONE -> "pull requests";
            });
  }

  @Test
  void aUserWithoutWriteAccessIsReported() {
    forge.pages().userMayPush = false;
    assertThat(only("forge token", Result.FAILS).detail()).contains("only read");
  }

  /** A hook of Gitea that is edited without naming its events keeps {@code push} alone. */
  @ParameterizedTest
  @CsvSource({
    "push, true, '', does not deliver pull requests",
    "pull_request, true, '', does not deliver pushes",
    "push+pull_request, true, release, its branch filter leaves out main"
  })
  void aWebhookThatDeliversTooLittleIsReported(
      String events, boolean active, String branches, String problem) {
    forge.pages().hooks =
        List.of(new Hook(GOOD.url(), active, List.of(events.split("\\+", -1)), branches));
    assertThat(only("webhook hub", Result.FAILS).detail()).contains(problem);
  }

  @Test
  void aWebhookIsRepairedWhereItIsWrong() {
    forge.pages().hooks = List.of(new Hook(GOOD.url(), true, GOOD.events(), "release"));
    assertThat(only("webhook hub", Result.FAILS).remedy())
        .contains("let its branch filter match main")
        .doesNotContain("select the events");
    if (kind != Forge.GITLAB) { // whose API does not report inactive ones
      forge.pages().hooks = List.of(new Hook(GOOD.url(), false, GOOD.events(), ""));
      assertThat(only("webhook hub", Result.FAILS).remedy())
          .contains("activate it")
          .doesNotContain("select the events");
    }
  }

  @Test
  void aRenamedRepositoryIsReportedWithItsNewAddress() {
    forge.pages().renamedTo = Optional.of("/repos/alice/house");
    Finding token = inspect().getFirst();
    assertThat(token.result()).isEqualTo(Result.FAILS);
    assertThat(token.detail()).contains("renamed", "/repos/alice/house");
    assertThat(token.remedy()).contains("repo.url");
  }

  @Test
  void aMissingWebhookIsReported() {
    forge.pages().hooks =
        List.of(new Hook("https://home.example.org/hooks/other", true, GOOD.events(), ""));
    assertThat(only("webhook hub", Result.FAILS).remedy()).contains("/hooks/hub");
  }

  @Test
  void webhooksThatTheForgeDoesNotListAreUnknown() {
    forge.pages().administrator = false;
    assertThat(only("webhook hub", Result.UNKNOWN).detail()).contains("administrators");
  }

  @Test
  void aBranchThatIsProtectedAgainstTheServerIsReported() {
    forge.pages().branchProtected = true;
    assertThat(only("branch main", Result.LIMITED).detail()).contains("protected");
  }

  @Test
  void aWrongClockIsReported() {
    ahead = Duration.ofMinutes(10);
    assertThat(only("clock", Result.FAILS).detail()).contains("ahead of");
    ahead = Duration.ofMinutes(-10);
    assertThat(only("clock", Result.FAILS).detail()).contains("behind");
  }

  @Test
  void aBranchThatRequiresSignedCommitsIsReportedWithTheKeyThatIsMissing() {
    forge.pages().signedCommitsRequired = true;
    forge.pages().branchProtected = true;
    Finding found = signedCommits(inspect());
    assertThat(found.result()).isEqualTo(Result.LIMITED);
    assertThat(found.detail()).contains("requires signed commits", "the server does not sign");
    assertThat(found.remedy()).contains("repo.write.signingKeyFile", "public key");
    signs = true;
    assertThat(signedCommits(inspect()).result()).isEqualTo(Result.WORKS);
  }

  @Test
  void aRulesetOfGitHubThatRequiresSignedCommitsIsSeenWithoutProtection() {
    if (kind != Forge.GITHUB) {
      return; // only GitHub has rulesets
    }
    forge.pages().rulesetRequiresSignatures = true;
    forge.pages().administrator = false;
    assertThat(signedCommits(inspect()).result()).isEqualTo(Result.LIMITED);
  }

  @Test
  void rulesThatTheForgeDoesNotShowAreUnknown() {
    forge.pages().branchProtected = true;
    forge.pages().administrator = false;
    assertThat(signedCommits(inspect()).result()).isEqualTo(Result.UNKNOWN);
  }

  private static Finding signedCommits(List<Finding> findings) {
    return findings.stream()
        .filter(finding -> finding.subject().equals("signed commits"))
        .findFirst()
        .orElseThrow(() -> new AssertionError(findings.toString()));
  }
}
