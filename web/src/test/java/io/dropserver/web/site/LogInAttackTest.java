package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.state.site.Person;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Attacks on log-ins. */
class LogInAttackTest {
  private static final String PASSWORD = "correct horse battery";

  private FrontDoorFixture door;

  @BeforeEach
  void open() throws IOException {
    door = new FrontDoorFixture();
    door.admit(new Person("alice", "Alice", true, false));
    door.admit(new Person("mallory", "Mallory", false, false));
    ShellClient.loggedIn(door, "alice").post("/account/password", "password", PASSWORD);
  }

  @AfterEach
  void close() throws IOException {
    door.close();
  }

  private RawHttpClient.Answer logIn(ShellClient browser, String name, String password)
      throws IOException {
    return browser.post("/login", "name", name, "password", password);
  }

  /** A fully escaped password of 500 characters fits; longer bodies are not read. */
  @Test
  void aFormIsReadOnlyAsFarAsItsRouteNeeds() throws IOException {
    ShellClient browser = new ShellClient(door);
    assertThat(logIn(browser, "alice", "\u20ac".repeat(500)).status()).isEqualTo(403);
    assertThat(logIn(browser, "alice", "x".repeat(12 << 10)).status()).isEqualTo(413);
    assertThat(browser.post("/enrol", "token", "x".repeat(1 << 10)).status()).isEqualTo(413);
    assertThat(browser.send("POST", "/login", "a=b&".repeat(40), "Origin: " + browser.origin()))
        .extracting(RawHttpClient.Answer::status)
        .isEqualTo(403);
    StringBuilder many = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      many.append("a").append(i).append("=&");
    }
    assertThat(browser.send("POST", "/login", many.toString(), "Origin: " + browser.origin()))
        .extracting(RawHttpClient.Answer::status)
        .isEqualTo(400);
  }

  @Test
  void aSessionThatWasPlantedBeforeTheLogInIsNotTheOneAfterIt() throws IOException {
    ShellClient mallory = ShellClient.loggedIn(door, "mallory");
    String planted = mallory.session;
    ShellClient victim = new ShellClient(door);
    victim.session = planted;
    logIn(victim, "alice", PASSWORD);
    assertThat(victim.session).isNotEqualTo(planted);
    assertThat(mallory.isLoggedIn()).isFalse();

    ShellClient invented = new ShellClient(door);
    invented.session = "A".repeat(43);
    logIn(invented, "alice", PASSWORD);
    assertThat(invented.session).isNotEqualTo("A".repeat(43));
  }

  @Test
  void duplicateAndMisnamedCookiesAreIgnored() throws IOException {
    String own = ShellClient.loggedIn(door, "alice").session;
    String planted = ShellClient.loggedIn(door, "mallory").session;
    ShellClient browser = new ShellClient(door);
    String name = ShellClient.COOKIE;
    for (String cookies :
        List.of(
            name + "=" + planted + "; " + name + "=" + own,
            name + "=" + own + "; " + name + "=" + planted,
            "dropserver-session=" + planted,
            name.toLowerCase(java.util.Locale.ROOT) + "=" + planted,
            "=" + name + "=" + planted,
            "\u00a0" + name + "=" + planted,
            "x=\"; " + name + "2=" + planted + "\"",
            name + "x=" + planted)) {
      assertThat(browser.get("/account", "Cookie: " + cookies).status()).as(cookies).isEqualTo(303);
    }
    assertThat(browser.get("/account", "Cookie: a=b;" + name + "=" + own).status()).isEqualTo(200);
  }

  @Test
  void requestsFromSiblingsAndOtherSitesAreRefused() throws IOException {
    ShellClient alice = ShellClient.loggedIn(door, "alice");
    String sibling = "Origin: http://evil.home.localhost:" + door.port();
    for (String path :
        List.of(
            "/login", "/logout", "/enrol", "/account/password", "/account/sessions/end-others")) {
      for (String[] from :
          List.of(
              new String[] {sibling, "Sec-Fetch-Site: same-site"},
              new String[] {sibling},
              new String[] {"Origin: null"},
              new String[] {"Origin: null", "Sec-Fetch-Site: same-site"},
              new String[] {"Sec-Fetch-Site: cross-site"},
              new String[] {"Origin: https://home.localhost:" + door.port()},
              new String[] {"X-Nothing: said"})) {
        String form = ShellClient.form("password", "another password", "name", "mallory");
        assertThat(alice.send("POST", path, form, from).status()).isEqualTo(403);
      }
    }
    assertThat(alice.isLoggedIn()).isTrue();
  }

  @Test
  void aLogInKeepsOnlyAValidFragment() throws IOException {
    ShellClient browser = new ShellClient(door);
    for (String to : List.of("/a?b#c/d?e#f%20g", "/a?b#\"><script>", "/a?b#\r\nSet-Cookie: x=y")) {
      RawHttpClient.Answer response =
          browser.post("/login", "name", "alice", "password", PASSWORD, "to", to);
      String kept = to.startsWith("/a?b#c") ? to : "/a?b";
      assertThat(response.header("Location")).as(to).hasValue(browser.origin() + kept);
    }
  }

  @Test
  void aLogInNeverRedirectsToAnotherSite() throws IOException {
    ShellClient browser = new ShellClient(door);
    for (String to :
        List.of(
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example/",
            "\\\\evil.example",
            "@evil.example/",
            ".evil.example/",
            "javascript:alert(1)",
            "#//evil.example",
            "/\t/evil.example",
            "/a\r\nSet-Cookie: x=y",
            "",
            "/" + "a".repeat(4500))) {
      RawHttpClient.Answer response =
          browser.post("/login", "name", "alice", "password", PASSWORD, "to", to);
      assertThat(response.header("Location")).as(to).hasValue(browser.origin() + "/");
      assertThat(browser.get("/login?" + ShellClient.form("to", to)).header("Location"))
          .as(to)
          .hasValue(browser.origin() + "/");
    }
  }

  @Test
  void responsesDoNotRevealWhichUsersExist() throws IOException {
    RawHttpClient.Answer known = logIn(new ShellClient(door), "alice", "wrong wrong wrong");
    RawHttpClient.Answer without = logIn(new ShellClient(door), "mallory", "wrong wrong wrong");
    RawHttpClient.Answer unknown = logIn(new ShellClient(door), "nobody", "wrong wrong wrong");
    assertThat(known.status()).isEqualTo(403);
    assertThat(without.status()).isEqualTo(403);
    assertThat(unknown.status()).isEqualTo(403);
    assertThat(without.body()).isEqualTo(known.body().replace("alice", "mallory"));
    assertThat(unknown.body()).isEqualTo(known.body().replace("alice", "nobody"));
  }

  @Test
  void guessesAreSlowedAlikeForEveryName() throws IOException {
    for (String name : List.of("alice", "nobody")) {
      int tried = 0;
      RawHttpClient.Answer response;
      do {
        response = logIn(new ShellClient(door), name, "wrong " + tried++);
      } while (response.status() == 403 && tried < 10);
      assertThat(response.status()).isEqualTo(429);
      assertThat(tried).isEqualTo(6);
      assertThat(response.header("Retry-After")).isPresent();
    }
    assertThat(logIn(new ShellClient(door), "alice", PASSWORD).status())
        .as("not even the right one is looked at meanwhile")
        .isEqualTo(429);
  }
}
