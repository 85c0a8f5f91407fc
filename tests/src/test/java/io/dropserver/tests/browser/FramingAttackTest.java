package io.dropserver.tests.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Frame;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import com.microsoft.playwright.options.AriaRole;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A hostile page shows the shell or an appspace in a frame, or plants a session of its own. */
@TestInstance(Lifecycle.PER_CLASS)
@ExtendWith(RetryOnBrowserCrash.class)
class FramingAttackTest {
  private SiblingSites around;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    around = SiblingSites.start(folder);
  }

  @AfterAll
  void stop() {
    around.close();
  }

  @AfterEach
  void closePages() {
    around.closePages();
  }

  /** Returns what a frame of the page shows for an address. */
  private static String framed(Page evil, String url) {
    evil.evaluate(
        """
        (url) => new Promise((done) => {
          document.body.innerHTML = "";
          const frame = document.createElement("iframe");
          frame.onload = frame.onerror = () => done(null);
          frame.src = url;
          document.body.append(frame);
        })
        """,
        url);
    List<Frame> frames = evil.mainFrame().childFrames();
    assertThat(frames).hasSize(1);
    Frame frame = frames.getFirst();
    String content = frame.content();
    return content.contains("ERR_BLOCKED_BY_RESPONSE") ? "" : content;
  }

  @Test
  void noOtherSiteFramesTheShellOrAnAppspace() {
    Page alice = around.loggedIn("alice");
    alice.navigate(around.instance.shell("/a/notes/"));
    alice.frameLocator("iframe.app").getByText("Seen: Ålice").waitFor();
    Page evil = around.openEvilPage(alice);
    for (String path : List.of("/", "/account", "/login", "/a/notes/", "/nowhere")) {
      assertThat(framed(evil, around.instance.shell(path)).isEmpty()).as(path).isTrue();
    }
    for (String path : List.of("/", "/.dropserver/enter", "/.dropserver/nothing")) {
      assertThat(framed(evil, around.instance.url("notes", path)).isEmpty()).as(path).isTrue();
    }
    assertThat(framed(evil, around.openUrl("/")))
        .as("without that defence")
        .contains("Delete everything");
  }

  @Test
  void aSessionThatWasBroughtToTheLogInIsNotTheOneAfterIt() throws Exception {
    Page victim = around.loggedIn("bob");
    String planted = SiblingSites.session(victim);
    assertThat(around.isAccepted(planted)).as("whoever planted it holds it too").isTrue();
    victim.navigate(around.instance.enroll("alice"));
    victim.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Continue")).click();
    victim.waitForURL(around.instance.shell("/account"));
    assertThat(around.greetedUser(victim)).isEqualTo("Ålice");
    assertThat(SiblingSites.session(victim)).isNotEmpty().isNotEqualTo(planted);
    assertThat(around.isAccepted(planted)).isFalse();
  }

  @Test
  void aStolenUnusedHandOverCodeIsUselessInAnotherBrowser() throws Exception {
    Page alice = around.loggedIn("alice");
    AtomicReference<String> stolen = new AtomicReference<>("");
    alice
        .context()
        .route(
            around.instance.url("notes", "/.dropserver/enter"),
            route -> {
              stolen.set(String.valueOf(route.request().postData()));
              route.abort();
            });
    alice.waitForRequestFinished(
        new Page.WaitForRequestFinishedOptions().setPredicate(FramingAttackTest::isCode),
        () -> alice.navigate(around.instance.shell("/a/notes/")));
    alice.waitForCondition(() -> !stolen.get().isEmpty());
    String code = stolen.get().replaceFirst(".*code=([^&]+).*", "$1");
    assertThat(code).matches("[A-Za-z0-9_-]{43}");

    Page thief = around.loggedIn("carol");
    thief.navigate(around.instance.url("notes", "/.dropserver/enter"));
    thief.getByText("Nothing here for you").waitFor();
    HttpResponse<String> response =
        around.post(
            around.instance.url("notes", "/.dropserver/enter"),
            SiblingSites.cookies(thief, around.instance.url("notes", "/")),
            "code=" + code + "&to=/");
    assertThat(response.statusCode()).isEqualTo(403);
    assertThat(response.headers().allValues("Set-Cookie")).isEmpty();
    thief.navigate(around.instance.shell("/a/notes/"));
    thief.getByText("This page does not exist").waitFor();
  }

  private static boolean isCode(Request request) {
    return request.url().endsWith("/enter") && request.method().equals("POST");
  }
}
