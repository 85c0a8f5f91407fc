package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.web.RecordedUpdates;
import io.dropserver.web.dashboard.DashboardData.Deciders;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which visitors may decide about new versions of apps on the dashboard. */
class UpdatePageTest {
  private static final String PATH = "/dashboard/updates/wiki/5.4.1";

  private DashboardFixture fixture;

  @BeforeEach
  void start() throws IOException {
    fixture = new DashboardFixture();
    fixture.deciders = Deciders.ADMINS_AND_OWNERS;
  }

  @AfterEach
  void stop() throws IOException {
    fixture.close();
  }

  private ShellClient user(String name) throws IOException {
    return ShellClient.loggedIn(fixture.door, name);
  }

  /** From the dashboard, an upgrade takes two taps. */
  @Test
  void anAdminUpgradesInTheirName() throws IOException {
    ShellClient alice = user("alice");
    assertThat(alice.get("/dashboard").body())
        .contains("href=\"" + PATH + "\"", "5.4.1 &lt;b&gt;asks&lt;/b&gt; for nothing new");
    assertThat(alice.get(PATH).body())
        .contains("action=\"" + PATH + "/merge\"", "Upgrade wiki to 5.4.1?", "&lt;b&gt;asks");
    assertThat(alice.get(PATH).body())
        .contains("name=\"commit\" value=\"" + RecordedUpdates.WIKI.commit() + "\"");
    RawHttpClient.Answer response = alice.post(PATH + "/merge", "commit", "abcdef0123");
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.body()).contains("wiki 5.4.1 is committed in your name", "<nav");
    alice.post(PATH + "/decline", "x", "y");
    assertThat(fixture.updates.lines)
        .containsExactly("merge wiki 5.4.1 abcdef0 by alice", "decline wiki 5.4.1 by alice");
  }

  @Test
  void ownersWhoAreNotAdminsSeeNoOffer() throws IOException {
    ShellClient bob = user("bob");
    assertThat(bob.get("/dashboard").body()).doesNotContain(PATH);
    assertThat(bob.get(PATH).status()).isEqualTo(404);
    assertThat(bob.post(PATH + "/merge", "x", "y").status()).isEqualTo(409);
    assertThat(user("carol").post(PATH + "/merge", "x", "y").status()).isEqualTo(403);
    assertThat(fixture.updates.lines).isEmpty();
  }

  @Test
  void thePageDoesNotExistWhenGitDecides() throws IOException {
    fixture.deciders = Deciders.NONE;
    ShellClient alice = user("alice");
    assertThat(alice.get("/dashboard").body()).doesNotContain(PATH);
    assertThat(alice.get(PATH).status()).isEqualTo(404);
    assertThat(alice.post(PATH + "/merge", "x", "y").status()).isEqualTo(409);
    assertThat(fixture.updates.lines).isEmpty();
  }

  @Test
  void otherVersionsActionsAndPagesDecideNothing() throws IOException {
    ShellClient alice = user("alice");
    assertThat(alice.get("/dashboard/updates/wiki/5.4.0").status()).isEqualTo(404);
    assertThat(alice.get("/dashboard/updates/wiki").status()).isEqualTo(404);
    assertThat(alice.post("/dashboard/updates/wiki/5.4.0/merge", "x", "y").status()).isEqualTo(409);
    assertThat(alice.post(PATH + "/merge/x", "x", "y").status()).isNotEqualTo(200);
    assertThat(alice.get(PATH + "/merge").status()).isEqualTo(404);
    assertThat(alice.send("POST", PATH + "/merge", "").status())
        .as("without the origin of the page")
        .isEqualTo(403);
    assertThat(fixture.updates.lines).isEmpty();
  }

  @Test
  void decidingRequiresARecentLogin() throws IOException {
    ShellClient alice = user("alice");
    Instant later = Instant.now().plus(Duration.ofMinutes(20));
    fixture.clock = () -> later;
    assertThat(alice.get(PATH).body()).contains("log in again");
    RawHttpClient.Answer response = alice.post(PATH + "/merge", "x", "y");
    assertThat(response.header("Location").orElseThrow()).contains("/login?again=1&to=" + PATH);
    assertThat(fixture.updates.lines).isEmpty();
  }

  @Test
  void aFailureIsShownOnThePage() throws IOException {
    fixture.updates.refusal = "the decision was not written: <gone>";
    RawHttpClient.Answer response = user("alice").post(PATH + "/merge", "x", "y");
    assertThat(response.status()).isEqualTo(409);
    assertThat(response.body()).contains("not written: &lt;gone&gt;");
  }
}
