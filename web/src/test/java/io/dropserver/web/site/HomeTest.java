package io.dropserver.web.site;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.sandbox.app.AppRules;
import io.dropserver.schema.instance.Appspace.AccessMode;
import io.dropserver.state.site.Site;
import io.dropserver.web.home.AppMetadataSource.Activity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeTest {
  private static final String SVG = "<svg xmlns=\"http://www.w3.org/2000/svg\"><rect/></svg>";

  @TempDir Path folder;
  private DashboardFixture fixture;

  @BeforeEach
  void start() throws IOException {
    fixture = new DashboardFixture();
  }

  @AfterEach
  void stop() throws IOException {
    fixture.close();
  }

  private ShellClient alice() throws IOException {
    return ShellClient.loggedIn(fixture.door, "alice");
  }

  private static Site site(
      String appspace, AccessMode accessMode, Site.State state, String member) {
    Site site = FrontDoorFixture.site(appspace);
    return Sites.site(
        appspace,
        site.host(),
        accessMode,
        List.of(),
        site.browser(),
        site.requestTimeout(),
        state,
        Map.of(member, Set.of()));
  }

  private static String icon(String appspace) {
    return "/.dropserver/icons/" + appspace + "/none";
  }

  @Test
  void theRulesForAppsAreServedWithoutLogInAndOnlyOnTheShellsHost() throws IOException {
    fixture.door.answering("own", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nown");
    String page = new ShellClient(fixture.door).get("/llms.txt").body();
    assertThat(page.getBytes(ISO_8859_1)).isEqualTo(AppRules.text().getBytes(UTF_8));
    try (RawHttpClient client = new RawHttpClient(fixture.door.port())) {
      client.send(fixture.door.request("GET", "own", "/llms.txt"));
      assertThat(client.answer(false).body()).isEqualTo("own");
    }
  }

  @Test
  void eachAppspaceIsACardWithIconDescriptionAndState() throws IOException {
    fixture.setMetadata("diary", "Journal 1.0.0", "A diary.", Activity.AWAKE, Optional.empty());
    fixture.door.declare(site("held", AccessMode.PUBLIC, new Site.Paused(), "alice"));
    fixture.door.declare(site("broken", AccessMode.PUBLIC, new Site.Failed("X", "y"), "alice"));
    String page = alice().get("/").body();
    assertThat(page).contains("href=\"/a/diary/\"").contains("A diary.").contains(icon("diary"));
    assertThat(page).contains(">Ready<").contains(">Stopped<").contains(">Paused<");
    assertThat(page).contains(">Failed<").contains("Its owner can see the reason");
  }

  @Test
  void anAppspaceThatNeverRanIsNotCalledStopped() throws IOException {
    fixture.setMetadata("diary", "Journal 1.0.0", "A diary.", Activity.NEW, Optional.empty());
    assertThat(alice().get("/").body()).contains(">Not opened yet<", "A diary.");
    assertThat(alice().get("/dashboard").body()).contains(">Not opened yet<");
  }

  @Test
  void aPausedAppspaceSaysSoToItsMembersAndToAdminsOnly() throws IOException {
    fixture.door.declare(site("held", AccessMode.MEMBERS, new Site.Paused(), "bob"));
    RawHttpClient.Answer admin = alice().get("/a/held/");
    assertThat(admin.status()).isEqualTo(503);
    assertThat(admin.header("Content-Security-Policy").orElseThrow())
        .contains("default-src 'none'", "frame-ancestors 'none'");
    assertThat(admin.body())
        .contains(
            "<header class=\"bar\">", "dropserver unpause held", "href=\"/dashboard/a/held\"");
    RawHttpClient.Answer member = ShellClient.loggedIn(fixture.door, "bob").get("/a/held/");
    assertThat(member.status()).isEqualTo(503);
    assertThat(member.body()).contains("until its owner or an admin resumes it", "class=\"bar\"");
    ShellClient carol = ShellClient.loggedIn(fixture.door, "carol");
    RawHttpClient.Answer stranger = carol.get("/a/held/");
    assertThat(stranger.status()).isEqualTo(404);
    assertThat(stranger.body()).isEqualTo(carol.get("/a/nothing/").body());
  }

  @Test
  void appDescriptionsAreEscaped() throws IOException {
    fixture.setMetadata(
        "diary",
        "J",
        "<script>alert(1)</script>\u202e\u001b[2J\"",
        Activity.ASLEEP,
        Optional.empty());
    String page = alice().get("/").body();
    assertThat(page).doesNotContain("<script>alert").contains("&lt;script&gt;alert(1)");
    assertThat(page).contains("\\u202e").doesNotContain("\u001b");
  }

  @Test
  void theDashboardIsOfferedToAdminsAndOwnersOnly() throws IOException {
    String link = "href=\"/dashboard\"";
    assertThat(alice().get("/").body()).contains(link);
    assertThat(ShellClient.loggedIn(fixture.door, "bob").get("/").body()).contains(link);
    assertThat(ShellClient.loggedIn(fixture.door, "carol").get("/").body()).doesNotContain(link);
    assertThat(new ShellClient(fixture.door).get("/").body()).doesNotContain(link);
  }

  @Test
  void anAppsIconIsAPictureAndNeverAPage() throws IOException {
    Path file = Files.writeString(folder.resolve("icon.svg"), SVG);
    fixture.setMetadata("diary", "J", "", Activity.ASLEEP, Optional.of(file));
    String path = "/.dropserver/icons/diary/tree-0123456789";
    assertThat(alice().get("/").body()).contains(path);
    RawHttpClient.Answer response = alice().get(path);
    assertThat(response.body()).isEqualTo(SVG);
    assertThat(response.header("Content-Type")).contains("image/svg+xml");
    assertThat(response.header("Content-Security-Policy")).contains("default-src 'none'; sandbox");
    assertThat(response.count("Content-Security-Policy")).isOne();
    assertThat(response.header("X-Content-Type-Options")).contains("nosniff");
    assertThat(response.header("Cross-Origin-Resource-Policy")).contains("same-origin");
    assertThat(response.header("Cache-Control").orElseThrow()).contains("immutable");
    assertThat(alice().get("/.dropserver/icons/diary/tree-old").header("Cache-Control"))
        .contains("no-store");
  }

  @Test
  void anInvalidIconBecomesALetter() throws IOException {
    Path file = Files.writeString(folder.resolve("icon.svg"), "<svg><script>x</script></svg>");
    fixture.setMetadata("diary", "J", "", Activity.ASLEEP, Optional.of(file));
    RawHttpClient.Answer response = alice().get("/.dropserver/icons/diary/tree-0123456789");
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.body()).contains(">D</text>").doesNotContain("script");
    Files.delete(file);
    assertThat(alice().get("/.dropserver/icons/diary/x").body()).contains(">D</text>");
  }

  @Test
  void iconsAreHiddenFromUsersWithoutAccess() throws IOException {
    fixture.door.declare(site("secret", AccessMode.MEMBERS, new Site.Serving(), "bob"));
    assertThat(new ShellClient(fixture.door).get(icon("secret")).status()).isEqualTo(404);
    assertThat(ShellClient.loggedIn(fixture.door, "carol").get(icon("secret")).status())
        .isEqualTo(404);
    assertThat(new ShellClient(fixture.door).get(icon("nothing")).status()).isEqualTo(404);
    assertThat(ShellClient.loggedIn(fixture.door, "bob").get(icon("secret")).status())
        .isEqualTo(200);
    assertThat(alice().get(icon("secret")).status()).isEqualTo(200);
    assertThat(
            new ShellClient(fixture.door)
                .get(icon("diary"), "Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: no-cors")
                .status())
        .isEqualTo(403);
  }
}
