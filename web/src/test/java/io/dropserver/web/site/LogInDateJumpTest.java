package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.state.site.Person;
import io.dropserver.web.identity.SoftAuthenticator;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The date of the machine was years ahead, and is corrected. */
class LogInDateJumpTest {
  private static final Duration YEARS = Duration.ofDays(3650);
  private static final String PASSWORD = "correct horse battery";

  private FrontDoorFixture door;

  @BeforeEach
  void open() throws IOException {
    door = new FrontDoorFixture();
    door.admit(new Person("alice", "Alice", true, false));
    door.jump(YEARS);
  }

  @AfterEach
  void close() throws IOException {
    door.close();
  }

  private void correct() {
    door.jump(YEARS.negated());
  }

  private int logIn(String password) throws IOException {
    return new ShellClient(door).post("/login", "name", "alice", "password", password).status();
  }

  @Test
  void guessesOfALaterDateDelayALogInNoLongerThanOthers() throws IOException {
    ShellClient.loggedIn(door, "alice").post("/account/password", "password", PASSWORD);
    for (int i = 0; i < 5; i++) {
      assertThat(logIn("wrong " + i)).isEqualTo(403);
    }
    assertThat(logIn(PASSWORD)).isEqualTo(429);
    correct();
    assertThat(logIn(PASSWORD)).as("the delay goes on").isEqualTo(429);
    door.pass(Duration.ofMinutes(1));
    assertThat(logIn(PASSWORD)).isEqualTo(303);
  }

  @Test
  void aChallengeOfALaterDateExpires() throws IOException {
    SoftAuthenticator key =
        new SoftAuthenticator(new ShellClient(door).origin(), FrontDoorFixture.DOMAIN);
    ShellClient alice = ShellClient.loggedIn(door, "alice");
    alice.post("/account/passkeys", key.make(alice.post("/account/passkeys/ask").body()));
    ShellClient browser = new ShellClient(door);
    key.count++;
    Map<String, String> signed = key.sign(browser.post("/passkey/ask").body());
    correct();
    door.pass(Duration.ofMinutes(5));
    assertThat(browser.post("/passkey", signed).status()).isEqualTo(403);
    door.pass(Duration.ofMinutes(2));
    key.count++;
    signed = key.sign(browser.post("/passkey/ask").body());
    assertThat(browser.post("/passkey", signed).status()).isEqualTo(303);
  }

  @Test
  void aLogInOfALaterDateIsNotRecent() throws IOException {
    ShellClient alice = ShellClient.loggedIn(door, "alice");
    assertThat(alice.post("/account/password", "password", PASSWORD).header("Location"))
        .hasValue(alice.origin() + "/account");
    correct();
    assertThat(alice.post("/account/password", "password", PASSWORD + "!").header("Location"))
        .hasValue(alice.origin() + "/login?again=1&to=/account");
  }
}
