package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.state.site.Site;
import io.dropserver.web.home.AppMetadataSource.Activity;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the shell shows of an appspace that failed: Bob owns it, Alice is an admin. */
class FailedAppPageTest {
  private static final String LINK = "href=\"/dashboard/a/cookbook\"";
  private static final Site COOKBOOK =
      Sites.withMembers(
          FrontDoorFixture.site("cookbook"), Map.of("bob", Set.of(), "carol", Set.of()));

  private DashboardFixture fixture;

  @BeforeEach
  void start() throws IOException {
    fixture = new DashboardFixture();
  }

  @AfterEach
  void stop() throws IOException {
    fixture.close();
  }

  private ShellClient as(String user) throws IOException {
    return ShellClient.loggedIn(fixture.door, user);
  }

  private void serve(Site.State state) {
    fixture.door.declare(Sites.withOwner(COOKBOOK, "bob").withState(state));
  }

  @Test
  void theOwnerAndAdminsGetALinkToTheDashboardPageThatShowsTheReason() throws IOException {
    serve(new Site.Failed("SelfCheckFailed", "the owner's secret"));
    for (String user : List.of("bob", "alice")) {
      RawHttpClient.Answer page = as(user).get("/a/cookbook/recipes");
      assertThat(page.status()).isEqualTo(503);
      assertThat(page.header("Retry-After")).isPresent();
      assertThat(page.body()).contains(LINK).doesNotContain("secret", "<iframe");
      assertThat(as(user).get("/dashboard/a/cookbook").status()).isEqualTo(200);
    }
  }

  @Test
  void othersGetNoLinkAndAreNotToldThatTheAppIsBeingInstalled() throws IOException {
    serve(new Site.Failed("SelfCheckFailed", "the owner's secret"));
    for (ShellClient visitor : List.of(as("carol"), new ShellClient(fixture.door))) {
      assertThat(visitor.get("/a/cookbook/").body()).contains("<iframe").doesNotContain(LINK);
      assertThat(visitor.get("/").body()).contains(">Failed<").doesNotContain("being installed");
    }
    assertThat(fixture.door.get("cookbook", "/").body())
        .contains("cannot be served")
        .doesNotContain("installed", "dashboard");
  }

  @Test
  void aboveTheFrameOfAnAppThatDoesNotStartTheOwnerGetsTheLink() throws IOException {
    serve(new Site.Serving());
    assertThat(as("bob").get("/a/cookbook/").body()).doesNotContain(LINK);
    fixture.setMetadata("cookbook", "Cookbook", "", Activity.FAILING, Optional.empty());
    assertThat(as("bob").get("/a/cookbook/").body()).contains(LINK).contains("<iframe");
    assertThat(as("carol").get("/a/cookbook/").body()).contains("<iframe").doesNotContain(LINK);
  }
}
