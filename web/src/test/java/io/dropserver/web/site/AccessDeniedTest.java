package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.Appspace.AccessMode;
import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import io.dropserver.schema.instance.PageFeature;
import io.dropserver.state.site.Person;
import io.dropserver.state.site.Site;
import io.dropserver.web.page.Assets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Visitors cannot distinguish a host without an appspace from one whose appspace is closed to them.
 */
@TestInstance(Lifecycle.PER_CLASS)
class AccessDeniedTest {
  /** A host without an appspace, with a name as long as the others. */
  private static final String UNKNOWN = "zq-none";

  private static final List<String> CLOSED =
      List.of("zq-memb", "zq-wait", "zq-halt", "zq-fail", "zq-doze", "zq-look");

  private static final Pattern RANDOM = Pattern.compile("[A-Za-z0-9_-]{43,64}");
  private static final String SOCKET =
      "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
  private static final String ENTER = "/.dropserver/enter";

  private FrontDoorFixture door;
  private ShellClient carol;

  @BeforeAll
  void start() throws IOException {
    door = new FrontDoorFixture();
    door.admit(new Person("alice", "Alice", true, false));
    door.admit(new Person("carol", "Carol", false, false));
    door.declare(site("zq-memb", AccessMode.MEMBERS, new Site.Serving()));
    door.declare(site("zq-wait", AccessMode.MEMBERS, new Site.Preparing()));
    door.declare(site("zq-halt", AccessMode.MEMBERS, new Site.Paused()));
    door.declare(
        site("zq-fail", AccessMode.MEMBERS, new Site.Failed("Reason", "the owner's secret")));
    door.declare(site("zq-doze", AccessMode.PUBLIC, new Site.Paused()));
    door.app(site("zq-look", AccessMode.MEMBERS, new Site.Serving()), _ -> {});
    carol = ShellClient.loggedIn(door, "carol");
  }

  @AfterAll
  void stop() throws IOException {
    door.close();
  }

  /** A site with a public path, and a whitelist that its policy headers would reveal. */
  private static Site site(String appspace, AccessMode accessMode, Site.State state) {
    List<String> foreign = List.of("https://tell-tale.example/");
    BrowserPolicy browserPolicy =
        new BrowserPolicy(
            Set.of(PageFeature.INLINE_STYLES),
            true,
            foreign,
            foreign,
            foreign,
            foreign,
            foreign,
            foreign,
            new TreeSet<>(List.of("camera")));
    return Sites.site(
        appspace,
        appspace + "." + FrontDoorFixture.DOMAIN,
        accessMode,
        List.of("/feed.xml"),
        browserPolicy,
        Duration.ofSeconds(20),
        state,
        Map.of("alice", Set.of("edit")));
  }

  static Stream<List<String>> requests() {
    String[] paths = {
      "/",
      "/deep/page?x=1&y=%20",
      "//x",
      "/.dropserver/x",
      "/.dropserver/frame.js",
      ENTER,
      ENTER + "?to=/page&for=x&as=guest",
      "/x/../.dropserver/enter",
      "/favicon.ico",
      "/robots.txt",
      "/manifest.json",
      "/.well-known/acme-challenge/x",
      Assets.path("entering.js"),
      "/.dropserver/icons/zq-memb/none"
    };
    String[] headers = {
      "X: y",
      "Accept: text/html",
      "Sec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\nAccept: text/html",
      "Sec-Fetch-Dest: iframe\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Site: same-site",
      "Sec-Fetch-Dest: empty\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Site: same-origin",
      "Sec-Fetch-Dest: image\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Site: cross-site",
      "Service-Worker: script",
      "Origin: http://evil.example",
      "Range: bytes=0-1\r\nIf-None-Match: *",
      "Cookie: __Host-dropserver-session=" + "x".repeat(43),
      "Cookie: __Host-dropserver-appspace=a.b; __Host-a=b",
      SOCKET
    };
    List<List<String>> all = new ArrayList<>();
    for (String path : paths) {
      for (String header : headers) {
        all.add(List.of("GET", path, header));
      }
    }
    for (String method : List.of("HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PROPFIND", "TRACE")) {
      for (String path : List.of("/", ENTER, "/feed.xmlx")) {
        all.add(List.of(method, path, "Content-Length: 0"));
        all.add(List.of(method, path, "Origin: null\r\nContent-Length: 0"));
      }
    }
    all.add(
        List.of("OPTIONS", "/", "Origin: http://a.example\r\nAccess-Control-Request-Method: PUT"));
    all.add(List.of("POST", ENTER, "Origin: SHELL\r\nContent-Length: 11\r\n\r\ncode=x&to=/"));
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("requests")
  void everyRequestGetsTheSameStatusHeadersAndBody(List<String> request) throws IOException {
    String expected = answer(UNKNOWN, request);
    assertThat(expected).doesNotContain("tell-tale");
    for (String appspace : CLOSED) {
      assertThat(answer(appspace, request)).as(appspace).isEqualTo(expected);
    }
  }

  /** The whole response, without the host name and the values that differ each time. */
  private String answer(String host, List<String> request) throws IOException {
    String headers = request.get(2).replace("SHELL", "http://home.localhost:" + door.port());
    String bytes = door.request(request.get(0), host, request.get(1), headers);
    String sent = headers.contains("\r\n\r\n") ? bytes.substring(0, bytes.length() - 4) : bytes;
    RawHttpClient.Answer answer = RawHttpClient.ask(door.port(), sent);
    List<String> shown =
        answer.headers().stream().filter(header -> !header.startsWith("Date:")).toList();
    Map<String, String> names = new HashMap<>();
    Matcher random = RANDOM.matcher(answer.status() + "\n" + shown + "\n" + answer.body());
    String settled =
        random.replaceAll(found -> names.computeIfAbsent(found.group(), _ -> "#" + names.size()));
    return settled.replace(host, "HOST");
  }

  @ParameterizedTest
  @MethodSource("atShell")
  void everyShellRequestGetsTheSameStatusHeadersAndBody(String path) throws IOException {
    for (ShellClient client : List.of(new ShellClient(door), carol)) {
      String expected = atShell(client, path, UNKNOWN);
      assertThat(expected).doesNotContain("tell-tale").doesNotContain("camera=(\"");
      for (String appspace : CLOSED) {
        assertThat(atShell(client, path, appspace)).as(appspace).isEqualTo(expected);
      }
    }
  }

  static Stream<String> atShell() {
    return Stream.of(
        "/a/NAME/",
        "/a/NAME/deep?x=1",
        "/a/NAME",
        "/at/NAME/",
        "/at/NAME/deep?x=1",
        "/.dropserver/icons/NAME/none",
        "/.dropserver/icons/NAME/x");
  }

  private static String atShell(ShellClient client, String path, String name) throws IOException {
    RawHttpClient.Answer answer = client.get(path.replace("NAME", name));
    List<String> shown =
        answer.headers().stream().filter(header -> !header.startsWith("Date:")).toList();
    return (answer.status() + "\n" + shown + "\n" + answer.body()).replace(name, "NAME");
  }

  @Test
  void theShellIssuesNoCodeForClosedOrUnknownAppspaces() throws IOException {
    for (String appspace : CLOSED) {
      String host = appspace + "." + FrontDoorFixture.DOMAIN;
      RawHttpClient.Answer answer = carol.post("/enter", "host", host, "binding", "0".repeat(64));
      RawHttpClient.Answer nothing =
          carol.post(
              "/enter", "host", UNKNOWN + "." + FrontDoorFixture.DOMAIN, "binding", "0".repeat(64));
      assertThat(answer.status()).isEqualTo(403).isEqualTo(nothing.status());
      assertThat(answer.body()).isEqualTo(nothing.body());
    }
    assertThat(carol.get("/").body()).doesNotContain(CLOSED);
    assertThat(new ShellClient(door).get("/").body()).doesNotContain(CLOSED);
  }

  @Test
  void aPersonWhoIsNotLoggedInIsRedirectedToTheLogInFromEverywhere() throws IOException {
    for (String host : List.of(UNKNOWN, "zq-memb")) {
      RawHttpClient.Answer led = door.get(host, "/deep?x=1", "Sec-Fetch-Dest: document");
      String shell = "http://home.localhost:" + door.port();
      assertThat(led.header("Location")).contains(shell + "/at/" + host + "/deep?x=1");
      RawHttpClient.Answer logIn = new ShellClient(door).get("/at/" + host + "/deep?x=1");
      assertThat(logIn.header("Location"))
          .contains(shell + "/login?to=%2Fat%2F" + host + "%2Fdeep%3Fx%3D1");
    }
    ShellClient alice = ShellClient.loggedIn(door, "alice");
    assertThat(alice.get("/at/zq-memb/deep?x=1").header("Location").orElseThrow())
        .endsWith("/a/zq-memb/deep?x=1");
    assertThat(alice.get("/a/zq-memb/deep?x=1").status()).isEqualTo(200);
  }

  @Test
  void aPublicPathIsShownInTheShellWithoutALogIn() throws IOException {
    ShellClient visitor = new ShellClient(door);
    assertThat(door.get("zq-memb", "/feed.xml", "Sec-Fetch-Dest: document").header("Location"))
        .contains("http://home.localhost:" + door.port() + "/a/zq-memb/feed.xml");
    RawHttpClient.Answer page = visitor.get("/a/zq-memb/feed.xml?x");
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.body()).contains(" src=\"http://" + door.host("zq-memb") + "/feed.xml?x\"");
    assertThat(visitor.get("/at/zq-memb/feed.xml").header("Location").orElseThrow())
        .endsWith("/a/zq-memb/feed.xml");
    assertThat(visitor.get("/a/zq-memb/feed.xml/..").status()).isEqualTo(303);
    assertThat(visitor.get("/a/zq-halt/feed.xml").status()).isEqualTo(303);
  }

  @Test
  void publicPathsStayPublicUnlessTheAppspaceIsPaused() throws IOException {
    assertThat(door.get("zq-wait", "/feed.xml").status()).isEqualTo(503);
    assertThat(door.get("zq-halt", "/feed.xml").status()).isEqualTo(404);
    assertThat(door.get("zq-doze", "/feed.xml").status()).isEqualTo(404);
  }

  @Test
  void closedAndUnknownAppspacesRespondInSimilarTime() throws IOException {
    long[] nothing = new long[200];
    long[] closed = new long[200];
    byte[] body = new byte[0];
    for (int i = 0; i < 300; i++) { // the first requests warm up the server
      long before = System.nanoTime();
      body = door.get(UNKNOWN, "/", "X: y").body().getBytes(StandardCharsets.UTF_8);
      long between = System.nanoTime();
      door.get("zq-memb", "/", "X: y");
      if (i >= 100) {
        nothing[i - 100] = between - before;
        closed[i - 100] = System.nanoTime() - between;
      }
    }
    assertThat(body).isNotEmpty();
    // The medians, because the machine may stop any one request for long.
    Arrays.sort(nothing);
    Arrays.sort(closed);
    assertThat((double) closed[100] / nothing[100]).isBetween(0.2, 5.0);
  }
}
