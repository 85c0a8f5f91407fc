package io.dropserver.web.site;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.instance.Appspace.AccessMode;
import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import io.dropserver.state.condition.SandboxReason;
import io.dropserver.state.site.Person;
import io.dropserver.state.site.Site;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sessions are handed from the shell to appspaces, and end there. */
class HandOverTest {
  private static final Pattern BINDING = Pattern.compile("data-binding=\"([0-9a-f]{64})\"");
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String[] FRAMED = {
    "Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"
  };

  private FrontDoorFixture door;
  private FakeApp notes;
  private FakeApp wall;

  @BeforeEach
  void open() throws IOException {
    door = new FrontDoorFixture();
    door.admit(new Person("alice", "Ålice", true, false));
    door.admit(new Person("bob", "Bob", false, false));
    notes = door.app(notes(Map.of("alice", Set.of("edit"), "bob", Set.of())), this::serve);
    wall =
        door.app(
            Sites.withMembers(FrontDoorFixture.site("wall"), Map.of("alice", Set.of())),
            this::serve);
  }

  @AfterEach
  void close() throws IOException {
    door.close();
  }

  private static Site notes(Map<String, Set<String>> members) {
    return Sites.site(
        "notes",
        "notes." + FrontDoorFixture.DOMAIN,
        AccessMode.MEMBERS,
        List.of("/feed.xml"),
        BrowserPolicy.STRICT,
        Duration.ofSeconds(20),
        new Site.Serving(),
        members);
  }

  /** {@code /events} starts an endless stream; {@code /socket} starts a WebSocket. */
  private void serve(FakeApp.Connection connection) throws IOException {
    for (String head = connection.head(); !head.isEmpty(); head = connection.head()) {
      if (head.startsWith("GET /events")) {
        connection.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n");
        connection.in.read();
        return;
      }
      if (head.startsWith("GET /socket")) {
        connection.send(FakeApp.WEBSOCKET_ACCEPTED);
        connection.in.read();
        return;
      }
      connection.send(OK);
    }
  }

  /** What a browser receives from the entrance. */
  private record Handshake(String nonce, String binding) {}

  private Handshake ask(String appspace) throws IOException {
    RawHttpClient.Answer page = door.get(appspace, "/.dropserver/enter?to=/page", FRAMED);
    Matcher binding = BINDING.matcher(page.body());
    assertThat(binding.find()).isTrue();
    return new Handshake(cookie(page, "__Host-dropserver-nonce").orElseThrow(), binding.group(1));
  }

  private static Optional<String> cookie(RawHttpClient.Answer response, String name) {
    return response.headers().stream()
        .filter(header -> header.startsWith("Set-Cookie: " + name + "="))
        .map(header -> header.substring(header.indexOf('=') + 1, header.indexOf(';')))
        .findFirst();
  }

  private RawHttpClient.Answer code(ShellClient shell, String appspace, String binding)
      throws IOException {
    return shell.post(
        "/enter", "host", appspace + "." + FrontDoorFixture.DOMAIN, "binding", binding);
  }

  private RawHttpClient.Answer enter(String appspace, String code, String nonce, String... headers)
      throws IOException {
    String form = ShellClient.form("code", code, "to", "/page?a=b");
    StringBuilder request = new StringBuilder();
    request.append("Cookie: __Host-dropserver-nonce=").append(nonce);
    request.append("\r\nContent-Length: ").append(form.length());
    for (String header : headers) {
      request.append("\r\n").append(header);
    }
    return RawHttpClient.ask(
        door.port(),
        door.request("POST", appspace, "/.dropserver/enter", request.toString()) + form);
  }

  private String fromShell() {
    return "Origin: http://" + FrontDoorFixture.DOMAIN + ":" + door.port();
  }

  private static String in(ShellClient shell, String appspace) throws IOException {
    return shell.enter(appspace);
  }

  private String lastHead(FakeApp app) {
    return app.heads.getLast();
  }

  @Test
  void aMemberEntersAndTheAppReceivesTheirIdentity() throws IOException {
    String cookie = in(ShellClient.loggedIn(door, "alice"), "notes");
    RawHttpClient.Answer response =
        door.get("notes", "/", cookie, "Dropserver-User-Id: admin", "dropserver_permissions: all");
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.header("Cache-Control")).hasValue("private");
    assertThat(lastHead(notes))
        .contains("Dropserver-User-Name: %C3%85lice\r\n")
        .contains("Dropserver-Permissions: edit\r\n")
        .containsPattern("Dropserver-User-Id: [A-Za-z0-9_-]{24}\r\n")
        .doesNotContain("admin")
        .doesNotContain("all")
        .doesNotContain("Cookie");
  }

  @Test
  void twoAppspacesCannotTellThatItIsTheSamePerson() throws IOException {
    ShellClient alice = ShellClient.loggedIn(door, "alice");
    door.get("notes", "/", in(alice, "notes"));
    door.get("wall", "/", in(alice, "wall"));
    String first = id(notes);
    assertThat(first).isNotEqualTo(id(wall));
    door.get("notes", "/", in(ShellClient.loggedIn(door, "alice"), "notes"));
    assertThat(id(notes)).as("in another session").isEqualTo(first);
  }

  @Test
  void aCodeExpiresAlthoughTheDateIsSetBack() throws IOException {
    Handshake handshake = ask("notes");
    RawHttpClient.Answer code =
        code(ShellClient.loggedIn(door, "alice"), "notes", handshake.binding());
    door.jump(Duration.ofDays(-365));
    door.pass(Duration.ofSeconds(30));
    RawHttpClient.Answer answer = enter("notes", code.body(), handshake.nonce(), fromShell());
    assertThat(cookie(answer, ShellClient.COOKIE)).isEmpty();
  }

  @Test
  void theOwnerOfAFailedAppspaceReadsWhereTheReasonIs() throws IOException {
    door.admit(new Person("carol", "Carol", false, true));
    Site site = Sites.withOwner(notes(Map.of("bob", Set.of(), "carol", Set.of())), "bob");
    door.declare(site);
    String bob = in(ShellClient.loggedIn(door, "bob"), "notes");
    String carol = in(ShellClient.loggedIn(door, "carol"), "notes");
    String page = "http://" + FrontDoorFixture.DOMAIN + ":" + door.port() + "/dashboard/a/notes";

    door.declare(site.withState(new Site.Failed("SelfCheckFailed", "a secret")));
    assertThat(door.get("notes", "/", bob).body()).contains(page).doesNotContain("secret");
    assertThat(door.get("notes", "/", carol).body())
        .contains("Its owner can see the reason")
        .doesNotContain(page);

    door.declare(site);
    for (SandboxReason reason : List.of(SandboxReason.START_TIMEOUT, SandboxReason.BACKOFF)) {
      door.leases.fail("notes", new SandboxException(reason, "a secret"));
      assertThat(door.get("notes", "/", bob).body()).contains(page).doesNotContain("secret");
      assertThat(door.get("notes", "/", carol).body()).doesNotContain(page);
    }
  }

  private String id(FakeApp app) {
    Matcher id = Pattern.compile("Dropserver-User-Id: (\\S+)").matcher(lastHead(app));
    assertThat(id.find()).isTrue();
    return id.group(1);
  }

  @Test
  void visitorsReachOnlyPublicPathsAndPublicAppspaces() throws IOException {
    RawHttpClient.Answer page = door.get("notes", "/", FRAMED);
    assertThat(page.status()).isEqualTo(403);
    assertThat(page.body()).contains("data-binding");
    assertThat(door.get("notes", "/data.json").status()).isEqualTo(404);
    assertThat(notes.heads).isEmpty();
    assertThat(door.get("notes", "/feed.xml").status()).isEqualTo(200);
    assertThat(door.get("wall", "/").status()).isEqualTo(200);
    assertThat(lastHead(wall)).doesNotContain("Dropserver-");
  }

  /** Otherwise visitors with endless streams could keep all other appspaces from starting. */
  @Test
  void aLeaseIsThatOfAMemberOrOfAVisitorWithItsClient() throws IOException {
    String cookie = in(ShellClient.loggedIn(door, "alice"), "notes");
    door.get("notes", "/page", cookie);
    door.awaitNoLease();
    try (RawHttpClient _ = socket(cookie)) {
      assertThat(door.leases.callers).isNotEmpty().containsOnly(LeaseCaller.member("alice"));
    }
    door.leases.callers.clear();
    door.get("notes", "/feed.xml");
    door.get("wall", "/");
    try (RawHttpClient _ = socket("wall", "Accept: */*")) {
      assertThat(door.leases.callers).hasSize(3).containsOnly(LeaseCaller.visitor("127.0.0.1"));
    }
  }

  @Test
  void thePageOfAFullServerNamesTheTimeForWhichARequestWaits() throws IOException {
    String cookie = in(ShellClient.loggedIn(door, "alice"), "notes");
    for (String name : List.of("notes", "wall")) {
      door.leases.fail(name, new SandboxException(SandboxReason.AT_CAPACITY, "a secret"));
    }
    RawHttpClient.Answer ofMember = door.get("notes", "/", cookie);
    RawHttpClient.Answer ofVisitor = door.get("wall", "/");
    assertThat(ofMember.body()).contains("waits up to 120 seconds").doesNotContain("secret");
    assertThat(ofVisitor.body()).contains("waits up to 30 seconds").doesNotContain("secret");
    for (RawHttpClient.Answer page : List.of(ofMember, ofVisitor)) {
      assertThat(page.status()).isEqualTo(503);
      assertThat(page.header("Retry-After")).contains("10");
    }
  }

  @Test
  void aVisitorWhoIsNotAMemberIsNeitherAdmittedNorNamed() throws IOException {
    ShellClient bob = ShellClient.loggedIn(door, "bob");
    assertThat(code(bob, "wall", ask("wall").binding()).status()).isEqualTo(403);
    assertThat(code(new ShellClient(door), "notes", ask("notes").binding()).status())
        .isEqualTo(401);
    assertThat(code(bob, "nowhere", "x").status()).isEqualTo(403);
  }

  @Test
  void aCodeIsGoodOnceOnItsHostInItsBrowserFromTheShell() throws IOException {
    ShellClient alice = ShellClient.loggedIn(door, "alice");
    Handshake handshake = ask("notes");
    String good = code(alice, "notes", handshake.binding()).body();
    String cookie =
        cookie(enter("notes", good, handshake.nonce(), fromShell()), ShellClient.COOKIE)
            .orElseThrow();
    assertThat(enter("notes", good, handshake.nonce(), fromShell()).status())
        .as("replayed")
        .isEqualTo(403);
    String code = code(alice, "notes", handshake.binding()).body();
    assertThat(enter("wall", code, handshake.nonce(), fromShell()).status())
        .as("on another host")
        .isEqualTo(403);
    code = code(alice, "notes", handshake.binding()).body();
    assertThat(enter("notes", code, ask("notes").nonce(), fromShell()).status())
        .as("in another browser")
        .isEqualTo(403);
    code = code(alice, "notes", handshake.binding()).body();
    alice.post("/logout");
    assertThat(enter("notes", code, handshake.nonce(), fromShell()).status())
        .as("after the log-out")
        .isEqualTo(403);
    assertThat(door.get("notes", "/", "Cookie: " + ShellClient.COOKIE + "=" + cookie).status())
        .as("what it opened, after the log-out")
        .isEqualTo(404);
  }

  @Test
  void otherPagesCannotPassACodeToAFrame() throws IOException {
    ShellClient alice = ShellClient.loggedIn(door, "alice");
    String port = ":" + door.port();
    for (String[] from :
        List.of(
            new String[] {"Origin: http://wall.home.localhost" + port},
            new String[] {"Origin: http://notes.home.localhost" + port},
            new String[] {"Origin: null"},
            new String[] {"Sec-Fetch-Site: same-site"},
            new String[] {fromShell(), "Origin: http://evil.example"},
            new String[] {fromShell() + ".evil.example"})) {
      Handshake handshake = ask("notes");
      String code = code(alice, "notes", handshake.binding()).body();
      assertThat(enter("notes", code, handshake.nonce(), from).status()).isEqualTo(403);
    }
  }

  @Test
  void otherPagesCannotGetACodeFromTheShell() throws IOException {
    ShellClient alice = ShellClient.loggedIn(door, "alice");
    String form = ShellClient.form("host", "notes.home.localhost", "binding", "x");
    String sibling = "Origin: http://wall.home.localhost:" + door.port();
    assertThat(alice.send("POST", "/enter", form, sibling).status()).isEqualTo(403);
    assertThat(alice.send("POST", "/enter", form, "Accept: */*").status()).isEqualTo(403);
    assertThat(alice.get("/enter?" + form).status()).isEqualTo(403);
  }

  @Test
  void aCookieOfOneHostDoesNotOpenAnotherHost() throws IOException {
    ShellClient alice = ShellClient.loggedIn(door, "alice");
    String cookie = in(alice, "wall");
    assertThat(door.get("notes", "/", cookie).status()).isEqualTo(404);
    String shells = "Cookie: " + ShellClient.COOKIE + "=" + alice.session;
    assertThat(door.get("notes", "/", shells).status()).isEqualTo(404);
    ShellClient stolen = new ShellClient(door);
    stolen.session = cookie.substring(cookie.indexOf('=') + 1);
    assertThat(stolen.isLoggedIn()).isFalse();
  }

  @Test
  void callsFromAnAppspaceHaveNoIdentityDespiteCookies() throws IOException {
    String cookie = in(ShellClient.loggedIn(door, "alice"), "notes");
    assertThat(inside("notes", "/", cookie)).startsWith("HTTP/1.1 404").contains("members only");
    assertThat(inside("notes", "/", FRAMED)).doesNotContain("Set-Cookie");
    assertThat(inside("notes", "/feed.xml", cookie)).startsWith("HTTP/1.1 200");
    assertThat(lastHead(notes)).doesNotContain("Dropserver-", "Cookie");
    assertThat(inside("wall", "/", "Dropserver-User: alice")).startsWith("HTTP/1.1 200");
    assertThat(lastHead(wall)).doesNotContain("Dropserver-");
    assertThat(inside("wall", "/.dropserver/enter", FRAMED)).startsWith("HTTP/1.1 404");
    assertThat(askInside(door.request("GET", "wall", "/login").replace("wall.", "")))
        .startsWith("HTTP/1.1 421");
  }

  private String inside(String appspace, String path, String... headers) throws IOException {
    return askInside(door.request("GET", appspace, path, headers));
  }

  private String askInside(String request) throws IOException {
    try (SocketChannel channel =
        SocketChannel.open(UnixDomainSocketAddress.of(door.socket("inside")))) {
      String whole = request.replaceFirst("\r\n", "\r\nConnection: close\r\n");
      channel.write(ByteBuffer.wrap(whole.getBytes(ISO_8859_1)));
      return new String(Channels.newInputStream(channel).readAllBytes(), ISO_8859_1);
    }
  }

  @Test
  void aMemberWithASessionIsRedirectedFromTheEntrance() throws IOException {
    String cookie = in(ShellClient.loggedIn(door, "alice"), "notes");
    assertThat(door.get("notes", "/.dropserver/enter?to=/a", cookie).header("Location"))
        .hasValue("http://" + door.host("notes") + "/a");
    assertThat(door.get("notes", "/.dropserver/enter?to=//evil.example", cookie).header("Location"))
        .hasValue("http://" + door.host("notes") + "/");
  }

  private RawHttpClient stream(String cookie) throws IOException {
    RawHttpClient rawHttpClient = new RawHttpClient(door.port());
    rawHttpClient.send(door.request("GET", "notes", "/events", cookie));
    assertThat(rawHttpClient.head().status()).isEqualTo(200);
    rawHttpClient.line();
    return rawHttpClient;
  }

  private RawHttpClient socket(String cookie) throws IOException {
    return socket("notes", cookie);
  }

  private RawHttpClient socket(String appspace, String header) throws IOException {
    RawHttpClient rawHttpClient = new RawHttpClient(door.port());
    rawHttpClient.send(
        door.request(
            "GET",
            appspace,
            "/socket",
            header,
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: " + FakeApp.WEBSOCKET_KEY));
    assertThat(rawHttpClient.head().status()).isEqualTo(101);
    return rawHttpClient;
  }

  /**
   * Runs an action that ends Bob's access, and checks that it closes Bob's open connections and no
   * others.
   */
  private void endsWhatBobHasOpen(Action action) throws IOException {
    String bobs = in(ShellClient.loggedIn(door, "bob"), "notes");
    String alices = in(ShellClient.loggedIn(door, "alice"), "notes");
    try (RawHttpClient socket = socket(bobs);
        RawHttpClient stream = stream(bobs);
        RawHttpClient other = socket(alices)) {
      action.take();
      assertThat(socket.ended()).isTrue();
      await().until(stream::ended);
      assertThat(door.get("notes", "/", bobs).status()).isEqualTo(404);
      assertThat(door.get("notes", "/", alices).status()).isEqualTo(200);
      other.send("x");
    }
    door.awaitNoLease();
  }

  private interface Action {
    void take() throws IOException;
  }

  @Test
  void aMemberWhoIsRemovedLosesAllOpenPages() throws IOException {
    endsWhatBobHasOpen(() -> door.declare(notes(Map.of("alice", Set.of("edit")))));
  }

  @Test
  void aUserWhoIsRemovedFromTheRepositoryIsLoggedOutEverywhere() throws IOException {
    endsWhatBobHasOpen(() -> door.dismiss("bob"));
  }

  @Test
  void revokingASessionEndsItsOpenConnections() throws IOException {
    endsWhatBobHasOpen(() -> door.desk().revoke("bob", Optional.empty()));
  }

  @Test
  void changedPermissionsEndOpenConnections() throws IOException {
    String bobs = in(ShellClient.loggedIn(door, "bob"), "notes");
    try (RawHttpClient socket = socket(bobs)) {
      door.declare(notes(Map.of("alice", Set.of("edit"), "bob", Set.of("edit"))));
      assertThat(socket.ended()).isTrue();
    }
    door.get("notes", "/", bobs);
    assertThat(lastHead(notes)).contains("Dropserver-Permissions: edit\r\n");
  }

  @Test
  void connectionsEndWhenTheHostMovesToAnotherAppspace() throws IOException {
    Map<String, Set<String>> members = Map.of("alice", Set.of("edit"), "bob", Set.of());
    String bobs = in(ShellClient.loggedIn(door, "bob"), "notes");
    try (RawHttpClient socket = socket(bobs);
        RawHttpClient stream = stream(bobs)) {
      door.declare(Sites.installed(notes(members), "notes", "2"));
      socket.send("x");
      door.declare(Sites.installed(notes(members), "another", "2"));
      assertThat(socket.ended()).isTrue();
      await().until(stream::ended);
    }
    door.awaitNoLease();
  }
}
