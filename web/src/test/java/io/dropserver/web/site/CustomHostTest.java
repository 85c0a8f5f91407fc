package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.Appspace.AccessMode;
import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import io.dropserver.state.site.HostChallenges.HostChallenge;
import io.dropserver.state.site.Person;
import io.dropserver.state.site.Site;
import io.dropserver.web.site.RawHttpClient.Answer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An appspace at a host outside the instance's domain. */
class CustomHostTest {
  private static final String HOST = "wiki.elsewhere.localhost";
  private static final String OK =
      String.join(
          "\r\n",
          "HTTP/1.1 200 OK",
          "Content-Type: text/html",
          "Set-Cookie: a=1; SameSite=Strict",
          "Content-Length: 2",
          "",
          "ok");

  private FrontDoorFixture door;

  @BeforeEach
  void open() throws IOException {
    door = new FrontDoorFixture();
    door.admit(new Person("alice", "Alice", true, false));
    app(AccessMode.PUBLIC);
  }

  @AfterEach
  void close() throws IOException {
    door.close();
  }

  private FakeApp app(AccessMode access) throws IOException {
    Site site =
        Sites.site(
            "wiki",
            "wiki." + FrontDoorFixture.DOMAIN,
            access,
            List.of("/feed.xml"),
            BrowserPolicy.STRICT,
            Duration.ofSeconds(10),
            new Site.Serving(),
            Map.of("alice", Set.of()));
    return door.app(
        Sites.withCustomHosts(site, "unverified.elsewhere.localhost", HOST),
        connection -> {
          while (!connection.head().isEmpty()) {
            connection.send(OK);
          }
        });
  }

  private Answer get(String host, String path, String... headers) throws IOException {
    StringBuilder request =
        new StringBuilder(
            "GET " + path + " HTTP/1.1\r\nHost: " + host + ":" + door.port() + "\r\n");
    for (String header : headers) {
      request.append(header).append("\r\n");
    }
    return RawHttpClient.ask(door.port(), request + "\r\n");
  }

  private String url(String host, String path) {
    return "http://" + host + ":" + door.port() + path;
  }

  @Test
  void aHostIsUnknownUntilItIsVerified() throws IOException {
    Answer unknown = get("other.elsewhere.localhost", "/");
    Answer before = get(HOST, "/");
    assertThat(before.status()).isEqualTo(421);
    assertThat(before.body()).isEqualTo(unknown.body());
    assertThat(new ShellClient(door).get("/at/" + HOST + "/").header("Location"))
        .contains(url(FrontDoorFixture.DOMAIN, "/login?to=%2Fat%2F" + HOST + "%2F"));

    door.verify(HOST);
    assertThat(get(HOST, "/").body()).isEqualTo("ok");
    assertThat(get("unverified.elsewhere.localhost", "/").status()).isEqualTo(421);
  }

  @Test
  void onlyAPendingChallengeIsAnswered() throws IOException {
    String path;
    try (HostChallenge challenge = door.server.hostChallenges().begin(HOST)) {
      path = challenge.path();
      assertThat(get(HOST, path).body()).isEqualTo(challenge.answer());
      assertThat(get("other.localhost", path).status()).isEqualTo(404);
      assertThat(get(HOST, path + "x").status()).isEqualTo(404);
    }
    door.verify(HOST);
    assertThat(get(HOST, path).status()).as("and an app never sees it").isEqualTo(404);
  }

  @Test
  void theShellFramesTheFirstVerifiedHost() throws IOException {
    ShellClient visitor = new ShellClient(door);
    assertThat(visitor.get("/a/wiki/").body())
        .contains("data-origin=\"" + url("wiki." + FrontDoorFixture.DOMAIN, ""));
    door.verify(HOST);
    Answer page = visitor.get("/a/wiki/");
    assertThat(page.body()).contains("data-origin=\"" + url(HOST, "\""));
    assertThat(page.header("Content-Security-Policy").orElseThrow())
        .contains("frame-src " + url(HOST, ";"));
    for (String host : List.of(HOST, "wiki." + FrontDoorFixture.DOMAIN)) {
      Answer top = get(host, "/x?y", "Sec-Fetch-Dest: document", "Sec-Fetch-Mode: navigate");
      assertThat(top.header("Location")).contains(url(FrontDoorFixture.DOMAIN, "/a/wiki/x?y"));
    }
    assertThat(visitor.get("/").body()).containsOnlyOnce("href=\"/a/wiki/\"");
  }

  /** Browsers send no other cookies from a frame on another site. */
  @Test
  void allCookiesThereArePartitioned() throws IOException {
    door.verify(HOST);
    Answer app = get(HOST, "/");
    assertThat(cookies(app))
        .containsExactly("__Host-a=1; Path=/; Secure; SameSite=None; Partitioned");
    app(AccessMode.MEMBERS);
    ShellClient alice = ShellClient.loggedIn(door, "alice");
    String tag = tag(alice.get("/a/wiki/"));
    String[] framed = {
      "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"
    };
    Answer entrance = get(HOST, "/.dropserver/enter?for=" + tag + "&to=%2F", framed);
    assertThat(entrance.status()).isEqualTo(403);
    String binding = find(entrance.body(), "data-binding=\"([0-9a-f]+)");
    Answer code = alice.post("/enter", "host", HOST, "binding", binding, "appspace", tag);
    assertThat(code.status()).isEqualTo(200);
    String nonce = cookies(entrance).getFirst().split(";", 2)[0];
    String form = ShellClient.form("code", code.body(), "to", "/page");
    Answer entered =
        RawHttpClient.ask(
            door.port(),
            "POST /.dropserver/enter HTTP/1.1\r\nHost: "
                + HOST
                + ":"
                + door.port()
                + "\r\nOrigin: "
                + url(FrontDoorFixture.DOMAIN, "")
                + "\r\nCookie: "
                + nonce
                + "\r\nSec-Fetch-Site: cross-site"
                + "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: "
                + form.length()
                + "\r\n\r\n"
                + form);
    assertThat(entered.header("Location")).contains(url(HOST, "/page"));
    assertThat(cookies(entrance)).isNotEmpty();
    assertThat(cookies(entered)).hasSize(3);
    for (Answer answer : List.of(entrance, entered)) {
      assertThat(cookies(answer))
          .allSatisfy(
              cookie ->
                  assertThat(cookie)
                      .startsWith("__Host-dropserver-")
                      .contains("; Path=/; Secure; HttpOnly; SameSite=None; Partitioned; "));
    }
    assertThat(cookies(get(HOST, "/.dropserver/enter?for=x", framed)).toString())
        .doesNotContain("Lax");
  }

  /** A browser stores one partitioned and one unpartitioned cookie of a name. */
  @Test
  void aScriptOfTheAppCannotPreventLogInsByCookiesOfTheSameName() throws IOException {
    app(AccessMode.MEMBERS);
    door.verify(HOST);
    String[] twice = {
      "Sec-Fetch-Site: cross-site",
      "Sec-Fetch-Mode: navigate",
      "Sec-Fetch-Dest: iframe",
      "Cookie: __Host-dropserver-nonce=a; __Host-dropserver-nonce=b; __Host-dropserver-session=c"
    };
    String path = "/.dropserver/enter?for=x&to=%2F";
    assertThat(cookies(get(HOST, path, twice)))
        .contains("__Host-dropserver-nonce=; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=0")
        .noneMatch(cookie -> cookie.startsWith("__Host-dropserver-session="));
    assertThat(cookies(get("wiki." + FrontDoorFixture.DOMAIN, path, twice)))
        .contains(
            "__Host-dropserver-nonce=; Path=/; Secure; HttpOnly; SameSite=Lax; Partitioned;"
                + " Max-Age=0");
  }

  @Test
  void aClosedHostSendsStrangersToTheLogIn() throws IOException {
    app(AccessMode.MEMBERS);
    door.verify(HOST);
    Answer top = get(HOST, "/x", "Sec-Fetch-Dest: document", "Sec-Fetch-Mode: navigate");
    assertThat(top.header("Location")).contains(url(FrontDoorFixture.DOMAIN, "/at/" + HOST + "/x"));
    assertThat(get(HOST, "/x").status()).isEqualTo(404);
    assertThat(get(HOST, "/feed.xml").status()).isEqualTo(200);
    ShellClient alice = ShellClient.loggedIn(door, "alice");
    assertThat(alice.get("/at/" + HOST + "/x").header("Location"))
        .contains(url(FrontDoorFixture.DOMAIN, "/a/wiki/x"));
  }

  @Test
  void aRequestThatAnotherSiteForgedIsRefused() throws IOException {
    door.verify(HOST);
    String shell = "Origin: " + url(FrontDoorFixture.DOMAIN, "");
    String instead = "Origin: " + url("wiki." + FrontDoorFixture.DOMAIN, "");
    for (String origin : List.of(shell, instead, "Origin: https://evil.example")) {
      assertThat(
              get(
                      HOST,
                      "/",
                      origin,
                      "Upgrade: websocket",
                      "Connection: Upgrade",
                      "Sec-WebSocket-Version: 13",
                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
                  .status())
          .isEqualTo(403);
      assertThat(get(HOST, "/", origin, "Sec-Fetch-Mode: cors").status()).isEqualTo(403);
    }
  }

  private static String tag(Answer page) {
    return find(page.body(), "data-tag=\"([^\"]+)");
  }

  private static String find(String text, String pattern) {
    Matcher found = Pattern.compile(pattern).matcher(text);
    assertThat(found.find()).isTrue();
    return found.group(1);
  }

  private static List<String> cookies(Answer answer) {
    return answer.headers().stream()
        .filter(header -> header.startsWith("Set-Cookie: "))
        .map(header -> header.substring(12))
        .toList();
  }
}
