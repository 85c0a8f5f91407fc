package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.state.StateDatabase;
import io.dropserver.state.site.Person;
import io.dropserver.web.push.PushPages;
import io.dropserver.web.push.ReceivingBrowser;
import io.dropserver.web.push.VapidKey;
import io.dropserver.web.push.WebPush;
import io.dropserver.web.site.RawHttpClient.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page, the form and the service worker of Web Push, behind the front door. */
class PushPagesTest {
  private static final String ENDPOINT = "https://push.test/s3cret";

  @TempDir private Path folder;
  private FrontDoorFixture door;
  private StateDatabase database;
  private WebPush push;

  @BeforeEach
  @SuppressWarnings("NullAway.Init")
  void start() throws IOException {
    door = new FrontDoorFixture();
    database = StateDatabase.open(folder.resolve("state.db"), Clock.systemUTC());
    push =
        new WebPush(
            VapidKey.open(folder.resolve("push.key")),
            database,
            door.identity::hasSession,
            () -> "https://home.test",
            Clock.systemUTC());
    door.pages = new PushPages(push)::handle;
    door.admit(new Person("alice", "Alice", false, true));
  }

  @AfterEach
  void stop() throws IOException {
    database.close();
    door.close();
  }

  private static String[] form(String endpoint, String state) throws Exception {
    ReceivingBrowser browser = new ReceivingBrowser();
    return new String[] {
      "endpoint", endpoint, "p256dh", browser.publicKey(), "auth", browser.auth(), "state", state
    };
  }

  @Test
  void aBrowserIsSubscribedUntilItStopsOrLogsOut() throws Exception {
    ShellClient alice = ShellClient.loggedIn(door, "alice");
    assertThat(alice.post("/push", form(ENDPOINT, "on")).status()).isEqualTo(200);
    assertThat(push.subscriptions("alice")).hasSize(1);
    assertThat(alice.post("/push", form(ENDPOINT, "off")).status()).isEqualTo(200);
    assertThat(push.subscriptions("alice")).isEmpty();
    var _ = alice.post("/push", form(ENDPOINT, "on"));
    var _ = alice.post("/logout");
    assertThat(push.subscriptions("alice")).isEmpty();
  }

  @Test
  void onlyThePageOfAUserWhoIsLoggedInSubscribes() throws Exception {
    String body = ShellClient.form(form(ENDPOINT, "on"));
    ShellClient alice = ShellClient.loggedIn(door, "alice");
    assertThat(new ShellClient(door).post("/push", form(ENDPOINT, "on")).status()).isEqualTo(401);
    String type = "Content-Type: application/x-www-form-urlencoded";
    assertThat(alice.send("POST", "/push", body, type).status()).isEqualTo(403);
    for (String origin : new String[] {"https://evil.test", "null", "http://notes.home.test"}) {
      assertThat(alice.send("POST", "/push", body, type, "Origin: " + origin).status())
          .as(origin)
          .isEqualTo(403);
    }
    assertThat(push.subscriptions("alice")).isEmpty();
  }

  @Test
  void whatNoBrowserSendsIsRefused() throws Exception {
    ShellClient alice = ShellClient.loggedIn(door, "alice");
    assertThat(alice.post("/push", form("http://127.0.0.1/", "on")).status()).isEqualTo(400);
    assertThat(alice.post("/push", "state", "on").status()).isEqualTo(400);
    String[] wrongKey = form(ENDPOINT, "on");
    wrongKey[3] = "A".repeat(87);
    assertThat(alice.post("/push", wrongKey).status()).isEqualTo(400);
    assertThat(alice.post("/push", form("https://push.test/" + "a".repeat(20_000), "on")).status())
        .isEqualTo(413);
    assertThat(push.subscriptions("alice")).isEmpty();
  }

  @Test
  void theServiceWorkerHandlesNoRequestsAndMayLoadNothing() throws Exception {
    Answer worker = new ShellClient(door).get("/push/worker.js", "Service-Worker: script");
    assertThat(worker.status()).isEqualTo(200);
    assertThat(worker.body()).contains("\"push\"").doesNotContain("\"fetch\"", "importScripts");
    assertThat(worker.count("Content-Security-Policy")).isEqualTo(1);
    assertThat(worker.header("Content-Security-Policy")).hasValue("default-src 'none'");
    assertThat(worker.header("Service-Worker-Allowed")).isEmpty();
    assertThat(worker.header("X-Content-Type-Options")).hasValue("nosniff");
  }

  @Test
  void onlyThisPageMayRegisterAWorker() throws Exception {
    ShellClient alice = ShellClient.loggedIn(door, "alice");
    Answer page = alice.get("/push");
    assertThat(page.header("Content-Security-Policy").orElseThrow())
        .contains("trusted-types push;", "require-trusted-types-for 'script'", "script-src 'self'");
    assertThat(page.body()).contains("data-key=\"B").doesNotContain("s3cret");
    for (String other : new String[] {"/", "/account"}) {
      assertThat(alice.get(other).header("Content-Security-Policy").orElseThrow())
          .as(other)
          .contains("trusted-types 'none'");
    }
    assertThat(new ShellClient(door).get("/push").status()).isEqualTo(303);
  }
}
