package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.control.ApprovalStatus;
import io.dropserver.control.EgressLine;
import io.dropserver.control.JobStatus;
import io.dropserver.control.LogLine;
import io.dropserver.control.SuggestedEgressStatus;
import io.dropserver.state.condition.Event;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Permissions on the dashboard, and the escaping of text from apps. */
class DashboardTest {
  private static final String HOSTILE =
      "</code><script>alert(1)</script><img src=x onerror=alert(1)>\u001b[2J\u202e\u2066\r\n\"'";

  private DashboardFixture fixture;

  @BeforeEach
  void start() throws IOException {
    fixture = new DashboardFixture();
  }

  @AfterEach
  void stop() throws IOException {
    fixture.close();
  }

  private ShellClient user(String name) throws IOException {
    return ShellClient.loggedIn(fixture.door, name);
  }

  /** Undoes the client's decoding of bytes as characters. */
  private static String utf8(String body) {
    return new String(body.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  private void egress(String url) {
    fixture.view.egress.add(
        new EgressLine(DashboardFixture.NOW, "GET", url, 200, 0, 0, "allowed", ""));
  }

  private void ask(String appspace, String url, String reason, Optional<String> pull) {
    fixture.view.approvalRequests.add(
        new ApprovalStatus(
            "7f3a2c91",
            appspace,
            url,
            List.of("GET"),
            "open",
            Optional.of(reason),
            DashboardFixture.NOW,
            DashboardFixture.NOW,
            3,
            new java.util.TreeMap<>(java.util.Map.of("GET", 2L, "POST", 1L)),
            Optional.of("dropserver/egress/x"),
            Optional.empty(),
            pull,
            Optional.empty(),
            List.of(),
            List.<SuggestedEgressStatus>of()));
  }

  @Test
  void visitorsAreRedirectedToTheLoginAndBack() throws IOException {
    ShellClient nobody = new ShellClient(fixture.door);
    for (String path : List.of("/dashboard", "/dashboard/a/diary", "/dashboard/people")) {
      RawHttpClient.Answer response = nobody.get(path);
      assertThat(response.status()).isEqualTo(303);
      assertThat(response.header("Location").orElseThrow())
          .startsWith(nobody.origin() + "/login?to=%2Fdashboard");
    }
    assertThat(nobody.get("/dashboard/events").status()).isEqualTo(303);
  }

  @Test
  void usersWithoutAnAppspaceHaveNoDashboard() throws IOException {
    ShellClient carol = user("carol");
    for (String path :
        List.of("/dashboard", "/dashboard/a/diary", "/dashboard/people", "/dashboard/events")) {
      assertThat(carol.get(path).status()).as(path).isEqualTo(403);
      assertThat(carol.get(path).body()).as("menu at %s", path).contains("<nav", "Carol");
    }
  }

  @Test
  void anOwnerSeesTheirAppspaceAndNoSignOfOthers() throws IOException {
    ask("diary", "https://secret.example/", "because", Optional.empty());
    fixture.view.events.add(
        new Event(DashboardFixture.NOW, "Appspace", "diary", "Created", "journal", false));
    ShellClient bob = user("bob");
    String overview = bob.get("/dashboard").body();
    assertThat(overview).contains("/dashboard/a/cookbook").contains("host of cookbook");
    assertThat(overview).doesNotContain("diary").doesNotContain("secret.example");
    assertThat(overview).doesNotContain("OffMachine").doesNotContain("0 create");
    assertThat(overview).doesNotContain("/dashboard/people");
    assertThat(bob.get("/dashboard/a/cookbook").status()).isEqualTo(200);
    for (String path :
        List.of(
            "/dashboard/a/diary",
            "/dashboard/a/diary/events",
            "/dashboard/a/missing",
            "/dashboard/a/",
            "/dashboard/people")) {
      assertThat(bob.get(path).status()).as(path).isEqualTo(404);
    }
    assertThat(bob.post("/dashboard/people/enrol", "user", "alice").status()).isEqualTo(405);
  }

  @Test
  void anAdminSeesAllAppspacesButNoPrivateDataOfOthers() throws IOException {
    egress("https://api.example/private/path");
    fixture.view.printed.add(new LogLine(DashboardFixture.NOW, "stdout", "dear diary"));
    ShellClient alice = user("alice");
    String overview = alice.get("/dashboard").body();
    assertThat(overview).contains("/dashboard/a/cookbook").contains("/dashboard/a/diary");
    assertThat(overview).contains("OffMachine").contains("and 3 more");
    String own = alice.get("/dashboard/a/diary").body();
    assertThat(own).contains("dear diary").contains("https://api.example/private/path");
    String others = alice.get("/dashboard/a/cookbook").body();
    assertThat(utf8(others)).contains("https://api.example/…").doesNotContain("/private/path");
    assertThat(others).doesNotContain("dear diary").contains("Only its owner can see the log");
  }

  @Test
  void declaredObjectsLinkToTheirLineAtTheForge() throws IOException {
    String page = user("alice").get("/dashboard").body();
    String commit = DashboardFixture.COMMIT;
    assertThat(page).contains("https://forge.example/commit/" + commit);
    assertThat(page)
        .contains("https://forge.example/blob/" + commit + "/appspaces/diary.yaml#L2")
        .contains(">appspaces/diary.yaml:2<");
  }

  @Test
  void anOpenRequestLinksOnlyToItsPullRequest() throws IOException {
    ask("diary", "https://a.example/", "x", Optional.of("https://forge.example/pull/1"));
    ask("diary", "https://b.example/", "x", Optional.of("javascript:alert(1)"));
    String page = user("alice").get("/dashboard").body();
    assertThat(page).contains("href=\"https://forge.example/pull/1\"");
    assertThat(page).doesNotContain("javascript:");
  }

  @Test
  void requestsThatLookTheSameShareARow() throws IOException {
    for (int i = 0; i < 60; i++) {
      egress("https://api.example/same");
    }
    egress("https://api.example/other");
    String page = user("alice").get("/dashboard/a/diary").body();
    assertThat(page).contains("60 times").contains("https://api.example/other");
    assertThat(page.split("https://api.example/same", -1)).hasSize(2);
  }

  @Test
  void aPageThatDoesNotExistLinksHome() throws IOException {
    assertThat(user("alice").get("/dashboard/a/none").body())
        .contains("<a class=\"button\" href=\"/\">");
  }

  @Test
  void jobsOfAnAppspaceAreListed() throws IOException {
    assertThat(user("alice").get("/dashboard/a/diary").body()).doesNotContain("id=\"jobs\"");
    fixture.view.jobs.add(
        new JobStatus(
            "daily",
            "0 6 * * * UTC",
            false,
            true,
            Optional.of(DashboardFixture.NOW),
            "the app answered with status 500",
            Optional.empty()));
    assertThat(user("alice").get("/dashboard/a/diary").body())
        .contains("daily", "0 6 * * * UTC", "the app answered with status 500", "not planned");
  }

  @Test
  void textFromAppsIsEscapedAndShortened() throws IOException {
    String words = HOSTILE + "x".repeat(1 << 20);
    egress("https://a.example/" + words);
    ask("diary", "https://" + words, words, Optional.empty());
    fixture.messages.put("diary", words);
    fixture.view.printed.add(new LogLine(DashboardFixture.NOW, "stdout", words));
    fixture.view.jobs.add(
        new JobStatus(words, words, false, true, Optional.empty(), words, Optional.empty()));
    fixture.view.events.add(
        new Event(DashboardFixture.NOW, "Appspace", "diary", "Crashed", words, true));
    for (String path : List.of("/dashboard", "/dashboard/a/diary")) {
      String page = user("alice").get(path).body();
      assertThat(page).contains("&lt;script&gt;alert(1)").contains("\\u202e");
      assertThat(page).doesNotContain("<script>alert").doesNotContain("<img src=x");
      assertThat(page).doesNotContain("\u001b").doesNotContain("\u202e").doesNotContain("\r");
      assertThat(page.length()).isLessThan(64 << 10);
    }
  }

  @Test
  void theDashboardIsReadOnly() throws IOException {
    ShellClient alice = user("alice");
    for (String path : List.of("/dashboard", "/dashboard/a/diary", "/dashboard/events")) {
      RawHttpClient.Answer response = alice.post(path, "x", "y");
      assertThat(response.status()).as(path).isEqualTo(405);
      assertThat(response.header("Allow")).contains("GET, HEAD");
    }
    assertThat(alice.send("HEAD", "/dashboard", "").status()).isEqualTo(200);
  }

  @Test
  void anAdminCreatesALoginLinkThatIsShownOnce() throws IOException {
    ShellClient alice = user("alice");
    assertThat(alice.get("/dashboard/people").body()).contains("Carol").contains("Create a link");
    RawHttpClient.Answer made = alice.post("/dashboard/people/enrol", "user", "carol");
    assertThat(made.status()).isEqualTo(200);
    assertThat(made.header("Cache-Control")).contains("no-store");
    String link = made.body().replaceFirst("(?s).*value=\"([^\"]*/enrol\\?token=[^\"]*)\".*", "$1");
    assertThat(alice.get("/dashboard/people").body()).doesNotContain("token=");
    ShellClient carol = new ShellClient(fixture.door);
    carol.post("/enrol", "token", ShellClient.token(link));
    assertThat(carol.isLoggedIn()).isTrue();
    assertThat(alice.post("/dashboard/people/enrol", "user", "nobody").status()).isEqualTo(409);
  }

  @Test
  void otherPagesCannotCreateALoginLink() throws IOException {
    ShellClient alice = user("alice");
    String form = ShellClient.form("user", "carol");
    assertThat(alice.send("POST", "/dashboard/people/enrol", form).status()).isEqualTo(403);
    assertThat(
            alice
                .send(
                    "POST",
                    "/dashboard/people/enrol",
                    form,
                    "Origin: http://diary." + FrontDoorFixture.DOMAIN + ":" + fixture.door.port(),
                    "Sec-Fetch-Site: same-site")
                .status())
        .isEqualTo(403);
  }

  @Test
  void creatingALoginLinkRequiresARecentLogin() throws IOException {
    ShellClient alice = user("alice");
    Instant later = Instant.now().plus(Duration.ofMinutes(20));
    fixture.clock = () -> later;
    assertThat(alice.get("/dashboard/people").body()).contains("log in again");
    RawHttpClient.Answer response = alice.post("/dashboard/people/enrol", "user", "carol");
    assertThat(response.status()).isEqualTo(303);
    assertThat(response.header("Location").orElseThrow()).contains("/login?again=1");
  }

  @Test
  void removingALostCredentialLogsTheUserOut() throws IOException {
    ShellClient carol = user("carol");
    carol.post("/account/password", "password", "four plain words here");
    ShellClient alice = user("alice");
    String link = ShellClient.token(fixture.door.desk().enroll("carol", false));
    assertThat(alice.get("/dashboard/people").body())
        .contains("Remove this password", "An unused link is valid until")
        .doesNotContain(link);
    RawHttpClient.Answer response =
        alice.post("/dashboard/people/forget", "user", "carol", "credential", "password");
    assertThat(response.status()).isEqualTo(303);
    assertThat(alice.get("/dashboard/people").body())
        .doesNotContain("Remove this password", "An unused link");
    assertThat(carol.isLoggedIn()).isFalse();
  }
}
