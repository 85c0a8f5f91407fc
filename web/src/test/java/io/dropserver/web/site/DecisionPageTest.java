package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.control.ApprovalStatus;
import io.dropserver.control.SuggestedEgressStatus;
import io.dropserver.web.dashboard.DashboardData.Deciders;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who may decide on the dashboard, and which input is accepted. */
class DecisionPageTest {
  private static final String OPEN = "7f3a2c91";
  private static final String PATH = "/dashboard/approvals/" + OPEN;
  private static final String URL = "https://api.example/";

  private DashboardFixture fixture;

  @BeforeEach
  void start() throws IOException {
    fixture = new DashboardFixture();
    fixture.deciders = Deciders.ADMINS_AND_OWNERS;
    fixture.view.approvalRequests.add(request("open", List.of()));
  }

  @AfterEach
  void stop() throws IOException {
    fixture.close();
  }

  private ShellClient user(String name) throws IOException {
    return ShellClient.loggedIn(fixture.door, name);
  }

  /** Of Bob's cookbook. */
  private static ApprovalStatus request(String state, List<SuggestedEgressStatus> suggested) {
    return new ApprovalStatus(
        OPEN,
        "cookbook",
        URL,
        List.of("GET", "POST"),
        state,
        Optional.of("<b>prices</b>"),
        DashboardFixture.NOW,
        DashboardFixture.NOW,
        3,
        new java.util.TreeMap<>(java.util.Map.of("GET", 2L, "POST", 1L)),
        Optional.of("dropserver/egress/x"),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        suggested);
  }

  @Test
  void anOwnerAllowsAPartInTheirName() throws IOException {
    ShellClient bob = user("bob");
    assertThat(bob.get("/dashboard").body())
        .contains("href=\"" + PATH + "\"")
        .doesNotContain("Decide in Git");
    assertThat(bob.get(PATH).body())
        .contains("value=\"" + URL + "\"")
        .contains("&lt;b&gt;prices")
        .contains("name=\"method-POST\"");
    RawHttpClient.Answer response =
        bob.post(PATH + "/approve", "url", URL + "v1/", "method-GET", "yes", "method-PUT", "yes");
    assertThat(response.status()).isEqualTo(303);
    assertThat(response.header("Location").orElseThrow())
        .endsWith("/dashboard/a/cookbook?decided=" + OPEN);
    assertThat(fixture.decisions.lines)
        .containsExactly("allow " + OPEN + " " + URL + "v1/ [GET] by bob");
  }

  @Test
  void aDecisionMayBeLimitedAndIsConfirmed() throws IOException {
    ShellClient bob = user("bob");
    assertThat(bob.get(PATH).body()).contains("<option value=\"30d\">");
    bob.post(PATH + "/approve", "url", URL, "method-GET", "yes", "for", "30d");
    assertThat(fixture.decisions.lines)
        .containsExactly("allow " + OPEN + " " + URL + " [GET] for 30d by bob");
    String page = "/dashboard/a/cookbook?decided=" + OPEN;
    assertThat(bob.get(page).body()).as("it still waits").doesNotContain("Allowed: ");
    fixture.view.approvalRequests.clear();
    fixture.view.approvalRequests.add(request("granted", List.of()));
    assertThat(bob.get(page).body()).contains("Allowed: GET POST " + URL);
    assertThat(user("alice").get("/dashboard/a/diary?decided=" + OPEN).body())
        .as("of another appspace")
        .doesNotContain("Allowed: ");
  }

  @Test
  void anAdminDenies() throws IOException {
    assertThat(user("alice").post(PATH + "/deny", "x", "y").status()).isEqualTo(303);
    assertThat(fixture.decisions.lines).containsExactly("deny " + OPEN + " by alice");
  }

  @Test
  void aSuggestionIsAllowedWhole() throws IOException {
    fixture.view.approvalRequests.clear();
    SuggestedEgressStatus line = new SuggestedEgressStatus(URL, List.of("GET"), Optional.empty());
    SuggestedEgressStatus feature =
        new SuggestedEgressStatus("browser:camera", List.of(), Optional.empty());
    fixture.view.approvalRequests.add(request("queued", List.of(line, feature)));
    assertThat(user("bob").get(PATH).body())
        .doesNotContain("name=\"url\"")
        .contains("<code>GET " + URL + "</code>", "<code>browser:camera</code>");
    user("bob").post(PATH + "/approve", "url", "https://other.example/");
    assertThat(fixture.decisions.lines).containsExactly("allow " + OPEN + " all [] by bob");
  }

  @Test
  void aFailedDecisionStatesTheReason() throws IOException {
    fixture.decisions.refusal = "the decision was not written: <gone>";
    RawHttpClient.Answer response =
        user("bob").post(PATH + "/approve", "url", URL, "method-GET", "yes");
    assertThat(response.status()).isEqualTo(409);
    assertThat(response.body()).contains("not written: &lt;gone&gt;");
    assertThat(user("bob").post(PATH + "/approve", "url", URL).body()).contains("choose a method");
  }

  @Test
  void onlyOwnersAndAdminsDecide() throws IOException {
    fixture.own("diary", "alice");
    assertThat(user("carol").post(PATH + "/deny", "x", "y").status()).isEqualTo(403);
    fixture.own("cookbook", "alice");
    assertThat(user("bob").get("/dashboard").body()).doesNotContain(PATH);
    fixture.own("third", "bob");
    assertThat(user("bob").get(PATH).status()).isEqualTo(404);
    assertThat(user("bob").post(PATH + "/approve", "url", URL, "method-GET", "yes").status())
        .isEqualTo(409);
    assertThat(fixture.decisions.lines).isEmpty();
  }

  @Test
  void otherPagesCannotDecide() throws IOException {
    ShellClient bob = user("bob");
    String form = ShellClient.form("url", URL) + "&method-GET=yes";
    assertThat(bob.send("POST", PATH + "/approve", form).status()).isEqualTo(403);
    assertThat(
            bob.send(
                    "POST",
                    PATH + "/deny",
                    "",
                    "Origin: http://cookbook."
                        + FrontDoorFixture.DOMAIN
                        + ":"
                        + fixture.door.port(),
                    "Sec-Fetch-Site: same-site")
                .status())
        .isEqualTo(403);
    assertThat(fixture.decisions.lines).isEmpty();
  }

  @Test
  void decidingRequiresARecentLogin() throws IOException {
    ShellClient bob = user("bob");
    Instant later = Instant.now().plus(Duration.ofMinutes(20));
    fixture.clock = () -> later;
    assertThat(bob.get(PATH).body()).contains("log in again");
    RawHttpClient.Answer response = bob.post(PATH + "/deny", "x", "y");
    assertThat(response.header("Location").orElseThrow()).contains("/login?again=1&to=" + PATH);
    assertThat(fixture.decisions.lines).isEmpty();
  }

  @Test
  void thePageDoesNotExistWhenGitDecides() throws IOException {
    fixture.deciders = Deciders.NONE;
    ShellClient bob = user("bob");
    assertThat(bob.get("/dashboard").body()).contains("api.example").doesNotContain(PATH);
    assertThat(bob.get(PATH).status()).isEqualTo(404);
    assertThat(bob.post(PATH + "/deny", "x", "y").status()).isEqualTo(405);
    assertThat(fixture.decisions.lines).isEmpty();
  }

  @Test
  void onlyAdminsDecideUnlessOwnersMayToo() throws IOException {
    fixture.deciders = Deciders.ADMINS;
    ShellClient bob = user("bob");
    assertThat(bob.get("/dashboard").body()).contains("api.example").doesNotContain(PATH);
    assertThat(bob.get(PATH).status()).isEqualTo(404);
    assertThat(bob.post(PATH + "/approve", "url", URL, "method-GET", "yes").status())
        .isEqualTo(405);
    assertThat(fixture.decisions.lines).isEmpty();
    ShellClient alice = user("alice");
    assertThat(alice.get("/dashboard").body()).contains("href=\"" + PATH + "\"", "Approve or deny");
    assertThat(alice.post(PATH + "/deny", "x", "y").status()).isEqualTo(303);
  }

  @Test
  void withoutWriteAccessThereIsAReasonInsteadOfAButton() throws IOException {
    fixture.canCommit = false;
    ShellClient bob = user("bob");
    assertThat(bob.get("/dashboard").body())
        .contains("cannot write to the", "Decide in Git")
        .doesNotContain(PATH);
    assertThat(bob.post(PATH + "/deny", "x", "y").status()).isEqualTo(405);
    fixture.deciders = Deciders.NONE;
    assertThat(bob.get("/dashboard").body()).doesNotContain("cannot write to the");
    assertThat(fixture.decisions.lines).isEmpty();
  }

  @Test
  void noPageCanFrameTheDecision() throws IOException {
    RawHttpClient.Answer page = user("bob").get(PATH);
    assertThat(page.header("Content-Security-Policy").orElseThrow())
        .contains("frame-ancestors 'none'");
    assertThat(page.body()).as("a refresh must not move the buttons").doesNotContain("data-events");
  }

  @Test
  void aDecidedRequestCannotBeDecidedAgain() throws IOException {
    fixture.view.approvalRequests.clear();
    fixture.view.approvalRequests.add(request("granted", List.of()));
    assertThat(user("bob").get(PATH).status()).isEqualTo(404);
    RawHttpClient.Answer second = user("bob").post(PATH + "/deny", "x", "y");
    assertThat(second.status()).isEqualTo(409);
    assertThat(second.body()).contains("already decided");
    assertThat(fixture.decisions.lines).isEmpty();
  }
}
