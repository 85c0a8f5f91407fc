package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.control.CredentialStatus;
import io.dropserver.state.site.Person;
import io.dropserver.web.identity.SoftAuthenticator;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Attacks on passkeys, and with forged passkey responses. */
@Tag("slow")
class PasskeyAttackTest {
  private FrontDoorFixture door;
  private ShellClient browser;
  private SoftAuthenticator key;

  @BeforeEach
  void open() throws IOException {
    door = new FrontDoorFixture();
    door.admit(new Person("alice", "Alice", true, false));
    door.admit(new Person("mallory", "Mallory", false, false));
    browser = new ShellClient(door);
    key = authenticator();
    ShellClient alice = ShellClient.loggedIn(door, "alice");
    Map<String, String> made = key.make(alice.post("/account/passkeys/ask").body());
    assertThat(alice.post("/account/passkeys", made).status()).isEqualTo(303);
  }

  @AfterEach
  void close() throws IOException {
    door.close();
  }

  private SoftAuthenticator authenticator() {
    return new SoftAuthenticator(new ShellClient(door).origin(), FrontDoorFixture.DOMAIN);
  }

  private Map<String, String> signed() throws IOException {
    key.count++;
    return key.sign(browser.post("/passkey/ask").body());
  }

  private int logIn(Map<String, String> fields) throws IOException {
    return browser.post("/passkey", fields).status();
  }

  private int logIn() throws IOException {
    return logIn(signed());
  }

  private List<CredentialStatus> credentials(String user) {
    return door.desk().users().stream()
        .filter(each -> each.name().equals(user))
        .findFirst()
        .orElseThrow()
        .credentials();
  }

  @Test
  void aSignatureForAnotherSiteIsRefused() throws IOException {
    String own = key.origin;
    for (String origin :
        List.of(
            "http://evil.home.localhost:" + door.port(),
            "https://home.localhost:" + door.port(),
            "http://home.localhost:1",
            "http://home.localhost",
            "null",
            "",
            "android:apk-key-hash:x")) {
      key.origin = origin;
      assertThat(logIn()).as(origin).isIn(403, 429);
      door.pass(Duration.ofHours(2));
    }
    key.origin = own;
    key.domain = "evil.example";
    assertThat(logIn()).isEqualTo(403);
    key.domain = "localhost";
    assertThat(logIn()).isEqualTo(403);
    key.domain = FrontDoorFixture.DOMAIN;
    key.framed = true;
    assertThat(logIn()).as("asked for from inside a frame").isEqualTo(403);
    key.framed = false;
    key.type = "webauthn.create";
    assertThat(logIn()).isEqualTo(403);
    key.type = "";
    door.pass(Duration.ofHours(2));
    assertThat(logIn()).isEqualTo(303);
  }

  @Test
  void aChallengeIsGoodOnceInItsBrowserForItsPurposeAndNotForLong() throws IOException {
    Map<String, String> fields = signed();
    assertThat(logIn(fields)).isEqualTo(303);
    assertThat(logIn(fields)).as("replayed").isEqualTo(403);

    fields = signed();
    ShellClient other = new ShellClient(door);
    assertThat(other.post("/passkey", fields).status()).as("no cookie").isEqualTo(403);
    other.post("/passkey/ask");
    assertThat(other.post("/passkey", fields).status()).as("another browser").isEqualTo(403);

    ShellClient mallory = ShellClient.loggedIn(door, "mallory");
    mallory.browser = browser.browser;
    key.count++;
    Map<String, String> otherPurpose = key.sign(mallory.post("/account/passkeys/ask").body());
    assertThat(logIn(otherPurpose)).as("another purpose").isEqualTo(403);

    fields = signed();
    door.pass(Duration.ofMinutes(5));
    assertThat(logIn(fields)).as("too late").isEqualTo(403);
    door.pass(Duration.ofMinutes(2));
    assertThat(logIn()).isEqualTo(303);
  }

  @Test
  void anInventedChallengeIsRefused() throws IOException {
    for (String challenge : List.of("", "AAAA", "A".repeat(75), "%%%")) {
      key.count++;
      assertThat(logIn(key.sign("{\"challenge\":\"" + challenge + "\"}"))).isEqualTo(403);
    }
  }

  @Test
  void aPasskeyWithoutUserVerificationIsRefused() throws IOException {
    key.verifies = false;
    assertThat(logIn()).isEqualTo(403);
    ShellClient alice = ShellClient.loggedIn(door, "alice");
    SoftAuthenticator careless = authenticator();
    careless.verifies = false;
    Map<String, String> made = careless.make(alice.post("/account/passkeys/ask").body());
    assertThat(alice.post("/account/passkeys", made).status()).isEqualTo(400);
    assertThat(credentials("alice")).hasSize(1);
  }

  @Test
  void passkeysCannotLogInAsAnotherUser() throws IOException {
    ShellClient mallory = ShellClient.loggedIn(door, "mallory");
    SoftAuthenticator hers = authenticator();
    Map<String, String> made = hers.make(mallory.post("/account/passkeys/ask").body());
    assertThat(mallory.post("/account/passkeys", made).status()).isEqualTo(303);

    Map<String, String> fields = signed();
    fields.put("user", hers.user);
    assertThat(logIn(fields)).as("another's name").isEqualTo(403);
    fields = signed();
    fields.put("user", "");
    assertThat(logIn(fields)).as("no name").isEqualTo(403);
    hers.count++;
    fields = hers.sign(browser.post("/passkey/ask").body());
    fields.put("id", key.id());
    fields.put("user", key.user);
    assertThat(logIn(fields)).as("another's key").isEqualTo(403);
    assertThat(browser.session).isEmpty();

    String own = key.user;
    made = key.make(mallory.post("/account/passkeys/ask").body());
    assertThat(mallory.post("/account/passkeys", made).status())
        .as("somebody's passkey is nobody else's")
        .isEqualTo(400);
    key.user = own;
    assertThat(logIn()).isEqualTo(303);
  }

  @Test
  void aChallengeOfOneSessionMakesNoPasskeyInAnother() throws IOException {
    ShellClient alice = ShellClient.loggedIn(door, "alice");
    ShellClient mallory = ShellClient.loggedIn(door, "mallory");
    mallory.browser = "A".repeat(43);
    alice.browser = mallory.browser;
    Map<String, String> made = authenticator().make(mallory.post("/account/passkeys/ask").body());
    assertThat(alice.post("/account/passkeys", made).status()).isEqualTo(400);
    assertThat(mallory.post("/account/passkeys", made).status()).isEqualTo(303);
    assertThat(mallory.post("/account/passkeys", made).status()).as("replayed").isEqualTo(400);
  }

  @Test
  void aPasskeyWhoseCounterGoesBackwardsIsNoLongerAccepted() throws IOException {
    key.count = 10;
    assertThat(logIn()).isEqualTo(303);
    key.count = 4;
    RawHttpClient.Answer answer = browser.post("/passkey", signed());
    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.body()).contains("counter went backwards");
    key.count = 100;
    assertThat(logIn()).as("nor the original, whichever that is").isEqualTo(403);
    assertThat(credentials("alice").getFirst().label()).contains("no longer accepted");
    assertThat(ShellClient.loggedIn(door, "alice").get("/account").body())
        .contains("counter went backwards");
  }

  @Test
  void onlyAValidSignatureMarksAPasskeyAsCopied() throws IOException {
    key.count = 10;
    assertThat(logIn()).isEqualTo(303);
    key.count = 1;
    Map<String, String> fields = signed();
    fields.put("signature", "AAAA");
    assertThat(logIn(fields)).isEqualTo(403);
    key.count = 20;
    assertThat(logIn()).isEqualTo(303);
  }

  @Test
  void attemptsAreSlowedForAPasskeyAndForAnAddressAndPasswordsApart() throws IOException {
    int tried = 0;
    int status;
    do {
      Map<String, String> fields = signed();
      fields.put("signature", "AAAA");
      status = logIn(fields);
    } while (status == 403 && ++tried < 10);
    assertThat(status).isEqualTo(429);
    assertThat(tried).isEqualTo(5);
    assertThat(logIn()).as("not even the right one is looked at meanwhile").isEqualTo(429);

    door.pass(Duration.ofHours(2));
    for (int i = 0; i < 6; i++) {
      browser.post("/login", "name", "alice", "password", "wrong wrong wrong");
    }
    assertThat(logIn()).as("who guesses passwords does not stop a passkey").isEqualTo(303);

    door.pass(Duration.ofHours(2));
    for (int i = 0; i < 20; i++) {
      Map<String, String> fields = signed();
      fields.put("id", "AAAA" + i);
      assertThat(logIn(fields)).isEqualTo(403);
    }
    assertThat(logIn()).isEqualTo(429);
  }

  @Test
  void malformedResponsesAreOnlyRefused() throws IOException {
    ShellClient alice = ShellClient.loggedIn(door, "alice");
    Random random = new Random(26);
    for (int round = 0; round < 300; round++) {
      door.pass(Duration.ofHours(2));
      String body = hostile(random);
      if (round % 2 == 0) {
        assertThat(send(browser, "/passkey", body)).as(body).isIn(403, 413, 429);
      } else {
        alice = ShellClient.loggedIn(door, "alice");
        assertThat(send(alice, "/account/passkeys", body)).as(body).isIn(400, 413);
      }
    }
    assertThat(send(browser, "/passkey", "client=" + "A".repeat(100_000))).isEqualTo(413);
    assertThat(credentials("alice")).hasSize(1);
  }

  @Test
  void aMebibyteIsRefusedOrCutOff() throws IOException {
    ShellClient alice = ShellClient.loggedIn(door, "alice");
    for (String path : List.of("/passkey", "/account/passkeys", "/passkey/ask", "/login")) {
      try {
        assertThat(send(alice, path, "client=" + "A".repeat(1 << 20))).as(path).isIn(200, 413);
      } catch (SocketException e) {
        // The server responded and closed the connection before everything was sent.
      }
    }
    assertThat(logIn()).isEqualTo(303);
  }

  private static int send(ShellClient from, String path, String body) throws IOException {
    return from.send("POST", path, body, "Origin: " + from.origin(), "Sec-Fetch-Site: same-origin")
        .status();
  }

  /** The right fields with an error in each: not base64, not CBOR, not JSON, nested, huge. */
  private String hostile(Random random) throws IOException {
    StringBuilder body = new StringBuilder("id=" + key.id() + "&user=" + key.user);
    for (String name : List.of("client", "authenticator", "signature", "attestation")) {
      String value =
          switch (random.nextInt(8)) {
            case 0 -> "";
            case 1 -> "%00%ff;;=";
            case 2 -> encoded("[".repeat(20_000));
            case 3 -> encoded("{\"a\":".repeat(5_000));
            case 4 -> encoded("\u0081".repeat(10_000)); // CBOR: nested arrays
            case 5 -> encoded("\u009b\u007f" + "\u00ff".repeat(7)); // CBOR: a huge array
            case 6 -> encoded("{\"type\":\"webauthn.get\",\"challenge\":null,\"origin\":[1]}");
            default -> {
              byte[] bytes = new byte[random.nextInt(600)];
              random.nextBytes(bytes);
              yield Base64.getUrlEncoder().encodeToString(bytes);
            }
          };
      body.append('&').append(name).append('=').append(value);
    }
    return body.toString();
  }

  private static String encoded(String latin) {
    return Base64.getUrlEncoder().encodeToString(latin.getBytes(StandardCharsets.ISO_8859_1));
  }
}
