package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.control.CredentialStatus;
import io.dropserver.state.site.Person;
import io.dropserver.web.identity.SoftAuthenticator;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Passkeys are created, log a person in, and are removed. */
class PasskeyTest {
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

  private SoftAuthenticator authenticator() {
    return new SoftAuthenticator(new ShellClient(door).origin(), FrontDoorFixture.DOMAIN);
  }

  private static RawHttpClient.Answer make(ShellClient browser, SoftAuthenticator key, String label)
      throws IOException {
    RawHttpClient.Answer options = browser.post("/account/passkeys/ask");
    assertThat(options.status()).isEqualTo(200);
    Map<String, String> fields = key.make(options.body());
    fields.put("label", label);
    return browser.post("/account/passkeys", fields);
  }

  private static RawHttpClient.Answer logIn(ShellClient browser, SoftAuthenticator key)
      throws IOException {
    key.count++;
    return browser.post("/passkey", key.sign(browser.post("/passkey/ask").body()));
  }

  private SoftAuthenticator passkeyOf(String user) throws IOException {
    SoftAuthenticator key = authenticator();
    assertThat(make(ShellClient.loggedIn(door, user), key, "Key").status()).isEqualTo(303);
    return key;
  }

  private List<CredentialStatus> credentials(String user) {
    return door.desk().users().stream()
        .filter(each -> each.name().equals(user))
        .findFirst()
        .orElseThrow()
        .credentials();
  }

  @Test
  void aPasskeyIsCreatedAfterALinkAndLogsInFromThenOn() throws IOException {
    SoftAuthenticator key = authenticator();
    ShellClient first = ShellClient.loggedIn(door, "alice");
    assertThat(make(first, key, "My <phone>").status()).isEqualTo(303);
    assertThat(first.get("/account").body()).contains("My &lt;phone>", "not used yet");
    assertThat(credentials("alice")).hasSize(1);
    assertThat(credentials("alice").getFirst().kind()).isEqualTo("passkey");
    assertThat(credentials("alice").getFirst().label()).isEqualTo("My <phone>");
    assertThat(credentials("alice").getFirst().used()).isEmpty();

    ShellClient second = new ShellClient(door);
    Map<String, String> fields = key.sign(second.post("/passkey/ask").body());
    fields.put("to", "/a/notes?x=1");
    RawHttpClient.Answer answer = second.post("/passkey", fields);
    assertThat(answer.status()).isEqualTo(303);
    assertThat(answer.header("Location")).hasValue(second.origin() + "/a/notes?x=1");
    assertThat(second.get("/account").body()).contains("Alice &lt;3", "by passkey", "last used");
    assertThat(credentials("alice").getFirst().used()).isPresent();
  }

  @Test
  void aNewPasskeyEndsTheLinksThatAreStillOpen() throws IOException {
    ShellClient alice = ShellClient.loggedIn(door, "alice");
    String link = ShellClient.token(door.desk().enroll("alice", false));
    assertThat(make(alice, authenticator(), "Key").status()).isEqualTo(303);
    assertThat(new ShellClient(door).post("/enrol", "token", link).status()).isEqualTo(410);
  }

  @Test
  void aLogInReplacesTheSessionThatTheBrowserBrought() throws IOException {
    SoftAuthenticator key = passkeyOf("alice");
    ShellClient bob = ShellClient.loggedIn(door, "bob");
    String planted = bob.session;
    ShellClient victim = new ShellClient(door);
    victim.session = planted;
    assertThat(logIn(victim, key).status()).isEqualTo(303);
    assertThat(victim.session).isNotEqualTo(planted);
    assertThat(bob.isLoggedIn()).isFalse();
  }

  @Test
  void onlyTheOwnerRemovesAPasskeyAndOtherSessionsEnd() throws IOException {
    SoftAuthenticator phone = passkeyOf("alice");
    SoftAuthenticator laptop = authenticator();
    ShellClient stolen = new ShellClient(door);
    logIn(stolen, phone);
    ShellClient own = new ShellClient(door);
    logIn(own, phone);
    assertThat(make(own, laptop, "").status()).isEqualTo(303);
    assertThat(credentials("alice"))
        .extracting(CredentialStatus::label)
        .contains("Key", "Passkey 2");

    String id = credentials("alice").getFirst().id();
    ShellClient bob = ShellClient.loggedIn(door, "bob");
    bob.post("/account/passkeys/remove", "passkey", id);
    assertThat(credentials("alice")).as("nobody removes another's").hasSize(2);

    own.post("/account/passkeys/remove", "passkey", id);
    assertThat(credentials("alice")).extracting(CredentialStatus::label).containsOnly("Passkey 2");
    assertThat(own.isLoggedIn()).isTrue();
    assertThat(stolen.isLoggedIn()).isFalse();
    assertThat(logIn(new ShellClient(door), phone).status()).isEqualTo(403);
    assertThat(logIn(new ShellClient(door), laptop).status()).isEqualTo(303);
  }

  @Test
  void anOperatorRemovesAPasskeyAndEndsTheUsersSessions() throws IOException {
    SoftAuthenticator key = passkeyOf("alice");
    ShellClient alice = new ShellClient(door);
    logIn(alice, key);
    door.desk().forget("alice", credentials("alice").getFirst().id());
    assertThat(alice.isLoggedIn()).isFalse();
    assertThat(logIn(alice, key).status()).isEqualTo(403);
  }

  @Test
  void changingCredentialsRequiresARecentLogin() throws IOException {
    SoftAuthenticator key = passkeyOf("alice");
    ShellClient left = new ShellClient(door);
    logIn(left, key);
    door.pass(Duration.ofMinutes(16));
    assertThat(left.isLoggedIn()).isTrue();
    String id = credentials("alice").getFirst().id();
    Map<String, String[]> tried =
        Map.of(
            "/account/passkeys/ask", new String[0],
            "/account/passkeys", new String[] {"attestation", "", "client", ""},
            "/account/passkeys/remove", new String[] {"passkey", id},
            "/account/password", new String[] {"password", "four plain words here"});
    for (var each : tried.entrySet()) {
      assertThat(left.post(each.getKey(), each.getValue()).header("Location"))
          .as(each.getKey())
          .hasValue(left.origin() + "/login?again=1&to=/account");
    }
    assertThat(credentials("alice")).hasSize(1);
    assertThat(logIn(left, key).status()).isEqualTo(303);
    assertThat(left.post("/account/passkeys/ask").status()).isEqualTo(200);
  }

  @Test
  void passkeysAreLimitedPerUser() throws IOException {
    ShellClient alice = ShellClient.loggedIn(door, "alice");
    for (int i = 0; i < 20; i++) {
      assertThat(make(alice, authenticator(), "").status()).isEqualTo(303);
    }
    assertThat(make(alice, authenticator(), "").status()).isEqualTo(400);
    assertThat(credentials("alice")).hasSize(20);
  }

  @Test
  void aRemovedUsersPasskeyIsUselessUntilARevert() throws IOException {
    SoftAuthenticator key = passkeyOf("bob");
    door.dismiss("bob");
    assertThat(logIn(new ShellClient(door), key).status()).isEqualTo(403);
    door.admit(new Person("bob", "Bob", false, false));
    assertThat(logIn(new ShellClient(door), key).status()).isEqualTo(303);
  }

  @Test
  void pagesNameTheAlternativeWithoutScript() throws IOException {
    assertThat(new ShellClient(door).get("/login").body())
        .contains("needs JavaScript", "Your password works without");
    assertThat(ShellClient.loggedIn(door, "alice").get("/account").body())
        .contains("needs JavaScript", "A password works without");
  }

  @Test
  void passkeyOptionsNameTheDomainAndRevealNoUser() throws IOException {
    String options = ShellClient.loggedIn(door, "alice").post("/account/passkeys/ask").body();
    assertThat(options)
        .contains("\"id\":\"" + FrontDoorFixture.DOMAIN + "\"")
        .contains("\"attestation\":\"none\"")
        .contains("\"userVerification\":\"required\"");
    RawHttpClient.Answer toLogIn = new ShellClient(door).post("/passkey/ask");
    assertThat(toLogIn.header("Cache-Control")).hasValue("no-store");
    assertThat(toLogIn.body()).doesNotContain("alice").contains(FrontDoorFixture.DOMAIN);
  }
}
