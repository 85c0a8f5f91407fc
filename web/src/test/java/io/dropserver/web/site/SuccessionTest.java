package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.Appspace.AccessMode;
import io.dropserver.state.site.Person;
import io.dropserver.state.site.Site;
import io.dropserver.web.site.RawHttpClient.Answer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A host is assigned to another appspace, or its app changes version. */
class SuccessionTest {
  private static final String OK =
      String.join(
          "\r\n",
          "HTTP/1.1 200 OK",
          "Content-Type: text/html",
          "Cache-Control: public, max-age=99, immutable",
          "Content-Length: 2",
          "",
          "ok");
  private static final String COOKIE = "__Host-dropserver-appspace";
  private static final String EVERYTHING = "\"cache\", \"storage\", \"executionContexts\"";
  private static final String[] FRAMED = {
    "Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"
  };

  private FrontDoorFixture door;

  @BeforeEach
  void open() throws IOException {
    door = new FrontDoorFixture();
    door.admit(new Person("alice", "Alice", true, false));
    wall("first", "1");
  }

  @AfterEach
  void close() throws IOException {
    door.close();
  }

  private FakeApp wall(String identity, String version) throws IOException {
    return app(Sites.installed(FrontDoorFixture.site("wall"), identity, version));
  }

  private FakeApp app(Site site) throws IOException {
    return door.app(
        site,
        connection -> {
          while (!connection.head().isEmpty()) {
            connection.send(OK);
          }
        });
  }

  private Answer framed(String path, String... more) throws IOException {
    String[] headers = java.util.Arrays.copyOf(FRAMED, FRAMED.length + more.length);
    System.arraycopy(more, 0, headers, FRAMED.length, more.length);
    return door.get("wall", path, headers);
  }

  /** The path at which the shell's page starts its frame. */
  private String entrance() throws IOException {
    Matcher source =
        Pattern.compile(" src=\"http://[^/]+(/\\.dropserver/enter[^\"]+)\"")
            .matcher(new ShellClient(door).get("/a/wall/page").body());
    assertThat(source.find()).isTrue();
    return source.group(1).replace("&amp;", "&");
  }

  private static String seen(Answer response) {
    return response.headers().stream()
        .filter(header -> header.startsWith("Set-Cookie: " + COOKIE + "="))
        .map(header -> "Cookie: " + header.substring(12, header.indexOf(';')))
        .findFirst()
        .orElseThrow();
  }

  private static Optional<String> cleared(Answer response) {
    return response.header("Clear-Site-Data");
  }

  @Test
  void theEntranceIsNeverCachedAndRecordsTheAppspaceInACookie() throws IOException {
    Answer first = framed(entrance());
    assertThat(first.status()).isEqualTo(303);
    assertThat(first.header("Location")).contains("http://" + door.host("wall") + "/page");
    assertThat(first.header("Cache-Control")).contains("no-store");
    assertThat(cleared(first)).contains(EVERYTHING);
    assertThat(seen(first)).matches("Cookie: " + COOKIE + "=[\\w-]{24}\\.[\\w-]{24}");
    assertThat(first.headers().toString()).contains("HttpOnly").doesNotContain("first");
    Answer again = framed(entrance(), seen(first));
    assertThat(again.status()).isEqualTo(303);
    assertThat(cleared(again)).isEmpty();
    assertThat(seen(again)).as("lasts from now on").isEqualTo(seen(first));
  }

  @Test
  void aTabThatShowedAnotherAppspaceGetsAClearingPage() throws IOException {
    Answer clearing = framed(entrance() + "&tab=other");
    assertThat(clearing.status()).isEqualTo(200);
    assertThat(clearing.header("Cache-Control")).contains("no-store");
    assertThat(clearing.body()).contains("clearing.js", "data-to=\"/page\"");
  }

  /** From a cache, a worker would enforce a policy whose destinations may be revoked since. */
  @ParameterizedTest
  @ValueSource(strings = {"worker", "sharedworker"})
  void theScriptOfAWorkerIsNotCached(String destination) throws IOException {
    Answer script =
        door.get(
            "wall",
            "/worker.js",
            "Sec-Fetch-Site: same-origin",
            "Sec-Fetch-Mode: same-origin",
            "Sec-Fetch-Dest: " + destination);
    assertThat(script.status()).isEqualTo(200);
    assertThat(script.header("Cache-Control").orElseThrow()).contains("no-store");
  }

  @Test
  void anotherVersionClearsTheCacheAlone() throws IOException {
    String before = seen(framed(entrance()));
    wall("first", "2");
    Answer entered = framed(entrance(), before + "; __Host-a=b");
    assertThat(cleared(entered)).contains("\"cache\"");
    assertThat(entered.headers().toString()).doesNotContain("__Host-a");
    Answer document = framed("/page", before);
    assertThat(document.status()).isEqualTo(200);
    assertThat(cleared(document)).contains("\"cache\"");
    assertThat(cleared(framed("/page", seen(document)))).isEmpty();
  }

  @Test
  void anotherAppspaceClearsStorageToo() throws IOException {
    String before = seen(framed(entrance()));
    FakeApp later = wall("second", "1");
    Answer entered = framed(entrance(), before + "; __Host-a=b; other=c");
    assertThat(cleared(entered)).contains(EVERYTHING);
    assertThat(entered.headers())
        .contains("Set-Cookie: __Host-a=; Path=/; Secure; Max-Age=0")
        .noneMatch(header -> header.contains("other"));
    assertThat(seen(entered)).isNotEqualTo(before);
    assertThat(later.heads).isEmpty();
  }

  @Test
  void everyRequestOfThePreviousAppspacesPageIsRefused() throws IOException {
    String before = seen(framed(entrance()));
    String stale = entrance();
    FakeApp later = wall("second", "1");
    Answer document = framed("/page", before);
    assertThat(document.status()).isEqualTo(409);
    assertThat(document.body()).contains("moved");
    assertThat(framed(stale, before).status()).as("the shell's page is stale").isEqualTo(409);
    assertThat(framed(stale).status()).isEqualTo(409);
    for (String[] headers :
        List.of(
            new String[] {before},
            new String[] {before, "Sec-Fetch-Dest: empty", "Sec-Fetch-Site: same-origin"},
            new String[] {
              before,
              "Connection: Upgrade",
              "Upgrade: websocket",
              "Sec-WebSocket-Version: 13",
              "Sec-WebSocket-Key: " + FakeApp.WEBSOCKET_KEY
            })) {
      assertThat(door.get("wall", "/data", headers).status()).isEqualTo(409);
    }
    assertThat(later.heads).isEmpty();
  }

  @Test
  void aBrowserWhoseCookieAnAppDroppedIsClearedByTheDocumentItself() throws IOException {
    Answer document = framed("/page");
    assertThat(document.status()).isEqualTo(200);
    assertThat(cleared(document)).contains(EVERYTHING);
    assertThat(cleared(framed("/page", seen(document)))).isEmpty();
    assertThat(cleared(door.get("wall", "/data"))).as("another program").isEmpty();
  }

  @Test
  void framedDocumentsAreNotStoredAndOtherFilesFollowTheApp() throws IOException {
    assertThat(framed("/page").header("Cache-Control")).contains("no-cache, no-store");
    assertThat(door.get("wall", "/page").header("Cache-Control"))
        .contains("public, max-age=99, immutable");
  }

  /** A page could show it by {@code fetch}, and after a log-out. */
  @Test
  void pagesOfAMembersAppspaceAreRevalidated() throws IOException {
    app(members("notes", "first"));
    String cookie = enter(ShellClient.loggedIn(door, "alice"), "notes");
    assertThat(door.get("notes", "/", cookie).header("Cache-Control"))
        .contains("private, no-cache");
    assertThat(door.get("notes", "/", cookie, "Sec-Fetch-Dest: iframe").header("Cache-Control"))
        .contains("private, no-cache, no-store");
  }

  @Test
  void aSessionBelongsToTheAppspaceAndNotToItsHost() throws IOException {
    Site notes = members("notes", "first");
    app(notes);
    ShellClient alice = ShellClient.loggedIn(door, "alice");
    String cookie = enter(alice, "notes");
    assertThat(door.get("notes", "/", cookie).status()).isEqualTo(200);
    app(Sites.installed(notes, "first", "2"));
    assertThat(door.get("notes", "/", cookie).status()).as("another version").isEqualTo(200);
    app(Sites.installed(notes, "second", "2"));
    assertThat(door.get("notes", "/", cookie).status()).isEqualTo(404);
    app(members("moved", "first"));
    assertThat(door.get("moved", "/", cookie).status()).as("on its new host").isEqualTo(200);
  }

  @Test
  void aShellsPageOfTheEarlierAppspaceGetsNoCodeForTheLaterOne() throws IOException {
    app(members("notes", "first"));
    ShellClient alice = ShellClient.loggedIn(door, "alice");
    Matcher tag = Pattern.compile("data-tag=\"([^\"]+)\"").matcher(alice.get("/a/notes/").body());
    assertThat(tag.find()).isTrue();
    assertThat(code(alice, tag.group(1)).status()).isEqualTo(200);
    app(members("notes", "second"));
    assertThat(code(alice, tag.group(1)).status()).isEqualTo(403);
  }

  private Answer code(ShellClient shell, String tag) throws IOException {
    String host = "notes." + FrontDoorFixture.DOMAIN;
    return shell.post("/enter", "host", host, "binding", "0".repeat(64), "appspace", tag);
  }

  private static Site members(String name, String identity) {
    Site site = FrontDoorFixture.site(name);
    return Sites.installed(
        Sites.site(
            name,
            site.host(),
            AccessMode.MEMBERS,
            List.of(),
            site.browser(),
            site.requestTimeout(),
            site.state(),
            Map.of("alice", Set.of())),
        identity,
        "1");
  }

  private String enter(ShellClient shell, String appspace) throws IOException {
    Answer page = door.get(appspace, "/.dropserver/enter", FRAMED);
    Matcher binding = Pattern.compile("data-binding=\"([0-9a-f]{64})\"").matcher(page.body());
    assertThat(binding.find()).isTrue();
    String nonce = cookie(page, "__Host-dropserver-nonce");
    String host = appspace + "." + FrontDoorFixture.DOMAIN;
    String code = shell.post("/enter", "host", host, "binding", binding.group(1)).body();
    String form = ShellClient.form("code", code, "to", "/");
    String request =
        door.request(
            "POST",
            appspace,
            "/.dropserver/enter",
            "Origin: " + shell.origin(),
            "Cookie: " + nonce,
            "Content-Length: " + form.length());
    Answer entered = RawHttpClient.ask(door.port(), request + form);
    assertThat(entered.status()).isEqualTo(303);
    assertThat(cleared(entered)).contains(EVERYTHING);
    return "Cookie: " + cookie(entered, ShellClient.COOKIE);
  }

  private static String cookie(Answer response, String name) {
    return response.headers().stream()
        .filter(header -> header.startsWith("Set-Cookie: " + name + "="))
        .map(header -> header.substring(12, header.indexOf(';')))
        .findFirst()
        .orElseThrow();
  }
}
