package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.control.EndedAccess;
import io.dropserver.control.SessionStatus;
import io.dropserver.state.site.Person;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Links, passwords and sessions on the shell's host. */
class LogInTest {
  private static final String PASSWORD = "correct horse battery";
  private static final Duration DAY = Duration.ofHours(24);

  private FrontDoorFixture door;

  @BeforeEach
  void open() throws IOException {
    door = new FrontDoorFixture();
    door.admit(new Person("alice", "Alice <3", true, false));
    door.admit(new Person("bob", "Bob", false, false));
  }

  @AfterEach
  void close() throws IOException {
    door.close();
  }

  private ShellClient withPassword(String user) throws IOException {
    ShellClient client = ShellClient.loggedIn(door, user);
    assertThat(client.post("/account/password", "password", PASSWORD).status()).isEqualTo(303);
    return client;
  }

  @Test
  void aLinkWorksOnceAndRequiresTheButton() throws IOException {
    String url = door.desk().enroll("alice", false);
    assertThat(url).startsWith("http://home.localhost:" + door.port() + "/enrol?token=");
    String token = ShellClient.token(url);
    ShellClient browser = new ShellClient(door);
    RawHttpClient.Answer page =
        browser.get("/enrol?token=" + token, "Sec-Fetch-Site: none", "Sec-Fetch-Dest: document");
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.body()).contains("Welcome, Alice &lt;3").contains(token);
    assertThat(browser.session).isEmpty();

    assertThat(browser.post("/enrol", "token", token).header("Location"))
        .hasValue(browser.origin() + "/account");
    assertThat(browser.isLoggedIn()).isTrue();

    ShellClient second = new ShellClient(door);
    assertThat(second.post("/enrol", "token", token).status()).isEqualTo(410);
    assertThat(second.get("/enrol?token=" + token).status()).isEqualTo(410);
    assertThat(second.session).isEmpty();
  }

  @Test
  void onlyTheNewestLinkOfAUserWorksAndOnlyOnce() throws IOException {
    String first = ShellClient.token(door.desk().enroll("alice", false));
    String bobs = ShellClient.token(door.desk().enroll("bob", false));
    String second = ShellClient.token(door.desk().enroll("alice", false));
    ShellClient browser = new ShellClient(door);
    assertThat(browser.post("/enrol", "token", first).status()).isEqualTo(410);
    assertThat(browser.post("/enrol", "token", second).status()).isEqualTo(303);
    assertThat(browser.post("/enrol", "token", second).status()).isEqualTo(410);
    assertThat(new ShellClient(door).post("/enrol", "token", bobs).status()).isEqualTo(303);
  }

  @Test
  void aDirectLinkLogsInOnlyWhenOpenedFromOutside() throws IOException {
    String token = ShellClient.token(door.desk().enroll("alice", true));
    ShellClient led = new ShellClient(door);
    for (String site : List.of("cross-site", "same-site", "same-origin")) {
      RawHttpClient.Answer page =
          led.get("/enrol?token=" + token, "Sec-Fetch-Site: " + site, "Sec-Fetch-Dest: document");
      assertThat(page.status()).isEqualTo(200);
    }
    assertThat(led.get("/enrol?token=" + token).status()).isEqualTo(200);
    assertThat(led.session).isEmpty();
    ShellClient opened = new ShellClient(door);
    RawHttpClient.Answer response =
        opened.get("/enrol?token=" + token, "Sec-Fetch-Site: none", "Sec-Fetch-Dest: document");
    assertThat(response.header("Location")).hasValue(opened.origin() + "/");
    assertThat(opened.isLoggedIn()).isTrue();
  }

  @Test
  void theCookieIsOutOfReachOfScriptsAndSiblings() throws IOException {
    String token = ShellClient.token(door.desk().enroll("alice", false));
    RawHttpClient.Answer response = new ShellClient(door).post("/enrol", "token", token);
    assertThat(response.header("Set-Cookie").orElseThrow())
        .matches(
            "__Host-dropserver-session=[A-Za-z0-9_-]{43}; Path=/; Secure; HttpOnly; SameSite=Lax;"
                + " Max-Age=\\d+");
  }

  @Test
  void aPasswordLogsInAndRedirectsToTheTarget() throws IOException {
    withPassword("alice");
    ShellClient browser = new ShellClient(door);
    RawHttpClient.Answer response =
        browser.post("/login", "name", "alice", "password", PASSWORD, "to", "/a/notes?x=1");
    assertThat(response.status()).isEqualTo(303);
    assertThat(response.header("Location")).hasValue(browser.origin() + "/a/notes?x=1");
    assertThat(browser.isLoggedIn()).isTrue();
  }

  @Test
  void aNewPasswordEndsTheOtherSessionsAndOpenLinks() throws IOException {
    ShellClient stolen = ShellClient.loggedIn(door, "alice");
    String link = ShellClient.token(door.desk().enroll("alice", false));
    ShellClient own = withPassword("alice");
    assertThat(own.isLoggedIn()).isTrue();
    assertThat(stolen.isLoggedIn()).isFalse();
    assertThat(new ShellClient(door).post("/enrol", "token", link).status()).isEqualTo(410);
  }

  @Test
  void anotherPasswordEndsLinksThatWereIssuedSince() throws IOException {
    ShellClient alice = ShellClient.loggedIn(door, "alice");
    String link = ShellClient.token(door.desk().enroll("alice", false));
    assertThat(alice.post("/account/password", "password", PASSWORD).status()).isEqualTo(303);
    assertThat(new ShellClient(door).post("/enrol", "token", link).status()).isEqualTo(410);
  }

  @Test
  void aPasswordThatIsEasyToGuessIsRefused() throws IOException {
    ShellClient alice = ShellClient.loggedIn(door, "alice");
    for (String bad : List.of("short", "aaaaaaaaaaaaaaaa", "alicealicealice", "x".repeat(501))) {
      assertThat(alice.post("/account/password", "password", bad).status()).isEqualTo(400);
    }
    assertThat(door.desk().users().getFirst().credentials()).isEmpty();
  }

  @Test
  void aLoggedOutSessionIsInvalid() throws IOException {
    ShellClient alice = ShellClient.loggedIn(door, "alice");
    String copied = alice.session;
    RawHttpClient.Answer out = alice.post("/logout");
    assertThat(out.header("Set-Cookie").orElseThrow()).contains("Max-Age=0");
    alice.session = copied;
    assertThat(alice.isLoggedIn()).isFalse();
  }

  @Test
  void aUserCanEndOneSessionOrAllOthers() throws IOException {
    ShellClient first = ShellClient.loggedIn(door, "alice");
    ShellClient second = ShellClient.loggedIn(door, "alice");
    ShellClient third = ShellClient.loggedIn(door, "alice");
    ShellClient bob = ShellClient.loggedIn(door, "bob");
    String bobs = door.desk().users().get(1).sessions().getFirst().id();
    first.post("/account/sessions/end", "session", bobs);
    assertThat(bob.isLoggedIn()).as("nobody ends the session of another").isTrue();

    SessionStatus used = door.desk().users().getFirst().sessions().getFirst();
    third.post("/account/sessions/end", "session", used.id());
    assertThat(door.desk().users().getFirst().sessions()).hasSize(2);
    ShellClient left = first.isLoggedIn() ? first : second;
    left.post("/account/sessions/end-others");
    assertThat(left.isLoggedIn()).isTrue();
    assertThat(door.desk().users().getFirst().sessions()).hasSize(1);
  }

  @Test
  void anOperatorEndsSessionsAndRemovesAPassword() throws IOException {
    ShellClient alice = withPassword("alice");
    String link = ShellClient.token(door.desk().enroll("alice", false));
    assertThat(door.desk().users().getFirst().linkUntil()).isPresent();
    assertThat(door.desk().revoke("alice", Optional.empty())).isEqualTo(new EndedAccess(1, 1));
    assertThat(door.desk().users().getFirst().linkUntil()).isEmpty();
    assertThat(alice.isLoggedIn()).isFalse();
    assertThat(new ShellClient(door).post("/enrol", "token", link).status()).isEqualTo(410);
    assertThat(door.desk().forget("alice", "password")).isEqualTo(new EndedAccess(0, 0));
    assertThat(alice.post("/login", "name", "alice", "password", PASSWORD).status()).isEqualTo(403);
  }

  @Test
  void removingACredentialEndsAnUnusedLink() throws IOException {
    withPassword("alice");
    String link = ShellClient.token(door.desk().enroll("alice", false));
    String bobs = ShellClient.token(door.desk().enroll("bob", false));
    assertThat(door.desk().forget("alice", "password")).isEqualTo(new EndedAccess(1, 1));
    assertThat(new ShellClient(door).post("/enrol", "token", link).status()).isEqualTo(410);
    assertThat(new ShellClient(door).post("/enrol", "token", bobs).status()).isEqualTo(303);
  }

  @Test
  void aPersonWhoEndsTheOtherSessionsEndsAnUnusedLinkToo() throws IOException {
    ShellClient alice = ShellClient.loggedIn(door, "alice");
    String link = ShellClient.token(door.desk().enroll("alice", false));
    alice.post("/account/sessions/end-others");
    assertThat(new ShellClient(door).post("/enrol", "token", link).status()).isEqualTo(410);
  }

  @Test
  void anExpiredLinkIsNotListed() throws IOException {
    var _ = door.desk().enroll("alice", false);
    door.pass(DAY);
    assertThat(door.desk().users().getFirst().linkUntil()).isEmpty();
    assertThat(door.desk().revoke("alice", Optional.empty())).isEqualTo(new EndedAccess(0, 0));
  }

  @Test
  void aLinkOfARemovedUserStaysInvalidWhenTheUserReturns() throws IOException {
    String link = ShellClient.token(door.desk().enroll("bob", false));
    door.dismiss("bob");
    door.admit(new Person("bob", "Bob", false, false));
    assertThat(new ShellClient(door).post("/enrol", "token", link).status()).isEqualTo(410);
  }

  @Test
  void aUserRemovedFromTheRepositoryIsLoggedOutForGood() throws IOException {
    ShellClient bob = withPassword("bob");
    String link = ShellClient.token(door.desk().enroll("bob", false));
    door.dismiss("bob");
    assertThat(bob.isLoggedIn()).isFalse();
    assertThat(bob.post("/login", "name", "bob", "password", PASSWORD).status()).isEqualTo(403);
    assertThat(bob.post("/enrol", "token", link).status()).isEqualTo(410);
    door.admit(new Person("bob", "Bob", false, false));
    assertThat(bob.isLoggedIn()).isFalse();
    assertThat(bob.post("/login", "name", "bob", "password", PASSWORD).status()).isEqualTo(303);
  }
}
