package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.instance.Appspace.AccessMode;
import io.dropserver.state.condition.SandboxReason;
import io.dropserver.state.site.Site;
import io.dropserver.web.site.RawHttpClient.Answer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostsTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  @SuppressWarnings("NullAway.Init") // set before each test
  private FrontDoorFixture door;

  @BeforeEach
  void open() throws IOException {
    door = new FrontDoorFixture();
  }

  @AfterEach
  void close() throws IOException {
    door.close();
  }

  @Test
  void unknownHostsAreMisdirected() throws IOException {
    door.answering("notes", OK);
    for (String host :
        List.of(
            "127.0.0.1",
            "home.localhost.evil.example",
            "x.notes.home.localhost",
            "notes.home.localhost.evil.example")) {
      Answer answer =
          RawHttpClient.ask(door.port(), "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
      assertThat(answer.status()).as(host).isEqualTo(421);
      assertThat(answer.header("Content-Security-Policy")).isPresent();
    }
  }

  @Test
  void hostLookUpIgnoresCaseAndPort() throws IOException {
    door.answering("notes", OK);
    for (String host :
        List.of("NOTES.Home.localhost", "notes.home.localhost:1", "notes.home.localhost")) {
      Answer answer =
          RawHttpClient.ask(door.port(), "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
      assertThat(answer.body()).as(host).isEqualTo("ok");
    }
  }

  @Test
  void theDomainListsPublicAppspaces() throws IOException {
    door.declare(FrontDoorFixture.site("notes"));
    door.declare(with("private", AccessMode.MEMBERS, new Site.Serving(), List.of()));
    Answer page =
        RawHttpClient.ask(
            door.port(),
            "GET / HTTP/1.1\r\nHost: home.localhost:"
                + door.port()
                + "\r\nAccept: text/html\r\n\r\n");
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.body()).contains("href=\"/a/notes/\"").doesNotContain("private");
    assertThat(
            RawHttpClient.ask(door.port(), "GET /x HTTP/1.1\r\nHost: home.localhost\r\n\r\n")
                .status())
        .isEqualTo(404);
  }

  @Test
  void unavailableAppspacesRespondWith503AndRetryAfter() throws IOException {
    door.declare(with("new", AccessMode.PUBLIC, new Site.Preparing(), List.of()));
    door.declare(
        with("bad", AccessMode.PUBLIC, new Site.Failed("Reason", "the owner's secret"), List.of()));
    for (String appspace : List.of("new", "bad")) {
      Answer answer = door.get(appspace, "/", "Accept: text/html");
      assertThat(answer.status()).as(appspace).isEqualTo(503);
      assertThat(answer.header("Retry-After")).isPresent();
      assertThat(answer.body()).contains("<h1>").doesNotContain("secret");
      assertThat(answer.header("Content-Security-Policy")).isPresent();
    }
  }

  @Test
  void aStartThatFailsIsA503() throws IOException {
    door.declare(FrontDoorFixture.site("bad"));
    door.leases.fail(
        "bad", new SandboxException(SandboxReason.START_TIMEOUT, "the owner's secret"));
    Answer answer = door.get("bad", "/");
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.body()).doesNotContain("secret");
    door.leases.fail("bad", new SandboxException(SandboxReason.BACKOFF, "later"));
    assertThat(door.get("bad", "/").header("Retry-After")).contains("5");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/feed.xml", "/hooks/", "/hooks/a/b?c=d"})
  void publicPathsOfAMembersAppspaceAreOpen(String path) throws IOException {
    membersApp();
    assertThat(door.get("notes", path).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/feed.xmlx",
        "/hooks",
        "/hooks/../private",
        "/hooks/./../private",
        "/hooks/..;/private",
        "/hooks//../../private",
        "/hooks/%2e%2e/private",
        "/hooks/..%2fprivate",
        "/hooks/%2f..%2fprivate",
        "/hooks/..%5cprivate",
        "/HOOKS/x",
        "//hooks/x"
      })
  void otherPathsOfAMembersAppspaceAreClosed(String path) throws IOException {
    FakeApp app = membersApp();
    assertThat(door.get("notes", path).status()).isIn(400, 404);
    assertThat(app.heads).isEmpty();
  }

  private FakeApp membersApp() throws IOException {
    Site site =
        with("notes", AccessMode.MEMBERS, new Site.Serving(), List.of("/feed.xml", "/hooks/"));
    return door.app(
        site,
        connection -> {
          while (!connection.head().isEmpty()) {
            connection.send(OK);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/.dropserver/x",
        "/.DROPSERVER/x",
        "/%2edropserver/x",
        "/.%64ropserver/x",
        "//.dropserver/x",
        "/.dropserver",
        "/./.dropserver/x",
        "/x/../.dropserver/y",
        "/x/y/../../.dropserver/y",
        "/x/%2e%2e/.dropserver/y",
        "/x/..%2f.dropserver/y",
        "/x/..%2f.%64ropserver/y",
        "/x/..;/.dropserver/y",
        "/x/..%5c.dropserver/y",
        "/%252edropserver/y",
        "/.dropserver;x/y",
        "/%2f.dropserver/y",
        "/a//../.dropserver/y"
      })
  void theReservedPrefixNeverReachesAnApp(String path) throws IOException {
    FakeApp app = door.answering("notes", OK);
    assertThat(door.get("notes", path).status()).isIn(400, 404);
    assertThat(app.heads).isEmpty();
  }

  @Test
  void pathsSimilarToTheReservedPrefixReachTheApp() throws IOException {
    FakeApp app = door.answering("notes", OK);
    for (String path : List.of("/x/.dropserver/y", "/.dropserverx", "/a/../b", "/x%2f..%2fy")) {
      assertThat(door.get("notes", path).status()).as(path).isEqualTo(200);
    }
    assertThat(app.heads).hasSize(4);
  }

  @Test
  void serviceWorkersAndForeignChangesAreRefused() throws IOException {
    FakeApp app = door.answering("notes", OK);
    assertThat(door.get("notes", "/sw.js", "Service-Worker: script").status()).isEqualTo(403);
    Answer post =
        RawHttpClient.ask(
            door.port(),
            door.request(
                "POST",
                "notes",
                "/",
                "Content-Length: 0",
                "Origin: http://other.home.localhost:" + door.port()));
    assertThat(post.status()).isEqualTo(403);
    assertThat(app.heads).isEmpty();
    Answer own =
        RawHttpClient.ask(
            door.port(),
            door.request(
                "POST", "notes", "/", "Content-Length: 0", "Origin: http://" + door.host("notes")));
    assertThat(own.status()).isEqualTo(200);
  }

  @Test
  void swappingTheTableUnderLoadDropsNoRequest() throws Exception {
    door.answering("notes", OK);
    AtomicBoolean stop = new AtomicBoolean();
    AtomicInteger good = new AtomicInteger();
    AtomicInteger bad = new AtomicInteger();
    List<Thread> threads =
        java.util.stream.IntStream.range(0, 4)
            .mapToObj(_ -> Thread.ofVirtual().start(() -> load(stop, good, bad)))
            .toList();
    for (int i = 0; i < 200 || good.get() < 500; i++) {
      door.declare(FrontDoorFixture.site("other" + i % 50));
    }
    stop.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(bad).hasValue(0);
  }

  private void load(AtomicBoolean stop, AtomicInteger good, AtomicInteger bad) {
    try (RawHttpClient rawHttpClient = new RawHttpClient(door.port())) {
      while (!stop.get()) {
        rawHttpClient.send(door.request("GET", "notes", "/"));
        (rawHttpClient.answer(false).body().equals("ok") ? good : bad).incrementAndGet();
      }
    } catch (IOException e) {
      bad.incrementAndGet();
    }
  }

  @Test
  void requestsAreCountedByAppspaceAndStatus() throws IOException {
    door.answering("notes", OK);
    door.get("notes", "/");
    door.get("notes", "/.dropserver/x");
    await().untilAsserted(() -> assertThat(count("2xx")).isEqualTo(1));
    await().untilAsserted(() -> assertThat(count("4xx")).isEqualTo(1));
    door.undeclare("notes");
    assertThat(door.registry.find("dropserver.http.requests").tag("appspace", "notes").counters())
        .isEmpty();
  }

  private double count(String status) {
    return door.registry
        .get("dropserver.http.requests")
        .tags("appspace", "notes", "status", status)
        .counter()
        .count();
  }

  @Test
  void plainHttpIsServedOnLoopbackOnly() {
    assertThatThrownBy(() -> listen("0.0.0.0", Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0.0.0.0:0");
    assertThatThrownBy(() -> listen("0.0.0.0", Optional.of(URI.create("https://home.example.org"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("trustedProxies");
  }

  private static void listen(String address, Optional<URI> publicUrl) {
    HostConfig.ListenerSettings listenerSettings =
        new HostConfig.ListenerSettings(
            InetSocketAddress.createUnresolved(address, 0), publicUrl, List.of(), List.of(), false);
    FrontDoor.bind(
            List.of(listenerSettings),
            Optional.empty(),
            Path.of("unused"),
            FrontDoorFixture.NO_CERTIFICATES,
            FrontDoorLimits.DEFAULT,
            TestIdentity.open(),
            new SimpleMeterRegistry())
        .close();
  }

  private static Site with(
      String appspace, AccessMode accessMode, Site.State state, List<String> publicPaths) {
    Site site = FrontDoorFixture.site(appspace);
    return Sites.site(
        appspace,
        site.host(),
        accessMode,
        publicPaths,
        site.browser(),
        site.requestTimeout(),
        state);
  }
}
