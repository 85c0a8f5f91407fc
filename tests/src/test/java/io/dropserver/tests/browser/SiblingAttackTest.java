package io.dropserver.tests.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Frame;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import com.microsoft.playwright.Response;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A hostile sibling's page sends requests with the session of its visitor. Siblings are the same
 * site, so the browser sends {@code SameSite} cookies.
 */
@TestInstance(Lifecycle.PER_CLASS)
@ExtendWith(RetryOnBrowserCrash.class)
class SiblingAttackTest {
  private static final List<String> CHANGING =
      List.of(
          "/logout",
          "/login",
          "/enter",
          "/account/password",
          "/account/sessions/end-others",
          "/account/passkeys/ask",
          "/account/passkeys/remove",
          "/passkey/ask",
          "/passkey");

  /** Refused by the server, or by the browser because of the response. */
  private static final List<String> REFUSED =
      List.of("403", "net::ERR_BLOCKED_BY_RESPONSE.NotSameOrigin", "net::ERR_FAILED");

  private static final String FORM =
      """
      (url) => {
        const form = document.createElement("form");
        form.method = "post";
        form.action = url;
        form.innerHTML = "<input name=password value='a planted password'>";
        document.body.append(form);
        form.submit();
      }
      """;

  private static final String NO_CORS =
      """
      (url) => void fetch(url, {
        method: "POST", mode: "no-cors", credentials: "include",
        body: new URLSearchParams({ password: "a planted password" }),
      }).catch(() => {})
      """;

  private static final String LOADED =
      "(url) => void fetch(url, {mode: 'no-cors', credentials: 'include'}).catch(() => {})";

  private static final Map<String, String> REQUESTS =
      Map.of(
          "fetch",
          "(url) => void fetch(url, {method: 'POST', credentials: 'include'}).catch(() => {})",
          "no-cors",
          NO_CORS,
          "beacon",
          "(url) => void navigator.sendBeacon(url, new URLSearchParams({password: 'a planted"
              + " one'}))",
          "XMLHttpRequest",
          """
          (url) => {
            const request = new XMLHttpRequest();
            request.open("POST", url);
            request.withCredentials = true;
            request.send(new URLSearchParams({ password: "a planted password" }));
          }
          """);

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

  /** Returns the status, or the error that keeps the page from seeing it. */
  private static String outcome(Page evil, String url, String script) {
    AtomicReference<String> seen = new AtomicReference<>("");
    Consumer<Response> answered =
        response -> {
          if (response.url().equals(url)) {
            seen.set(String.valueOf(response.status()));
          }
        };
    Consumer<Request> failed =
        request -> {
          if (request.url().equals(url)) {
            seen.compareAndSet("", request.failure());
          }
        };
    evil.onResponse(answered);
    evil.onRequestFailed(failed);
    evil.evaluate(script, url);
    evil.waitForCondition(() -> !seen.get().isEmpty());
    evil.offResponse(answered);
    evil.offRequestFailed(failed);
    return seen.get();
  }

  private static void assertRefused(Page evil, String url, String script) {
    assertThat(outcome(evil, url, script)).as(url).isIn(REFUSED);
  }

  @Test
  void requestsOfASiblingCannotChangeTheShell() {
    Page alice = around.loggedIn("alice");
    String session = SiblingSites.session(alice);
    Page evil = around.openEvilPage(alice);
    for (String path : CHANGING) {
      String url = around.instance.shell(path);
      REQUESTS.forEach((how, script) -> assertRefused(evil, url, script));
      assertThat(outcome(evil, url, FORM)).as("form " + path).isEqualTo("403");
      evil.waitForURL(url);
      evil.navigate(around.evil("/"));
    }
    assertThat(around.greetedUser(alice)).isEqualTo("Ålice");
    assertThat(SiblingSites.session(alice)).isEqualTo(session);
    alice.navigate(around.instance.shell("/account"));
    assertThat(alice.getByText("No password is set.").isVisible())
        .as("a planted password")
        .isTrue();
  }

  @Test
  void anUnprotectedServerReceivesTheCookie() {
    Page person = around.newPage();
    person.navigate(around.openUrl("/"));
    Page evil = around.openEvilPage(person);
    outcome(evil, around.openUrl("/fetched"), NO_CORS);
    assertThat(outcome(evil, around.openUrl("/posted"), FORM)).isEqualTo("200");
    assertThat(around.open.requests).contains("POST /fetched open=1", "POST /posted open=1");
  }

  @Test
  void loadingAUrlChangesNothingAtTheShell() {
    Page alice = around.loggedIn("alice");
    Page evil = around.openEvilPage(alice);
    for (String path : CHANGING) {
      evil.evaluate(
          """
          (url) => Promise.all([
            fetch(url, { mode: "no-cors", credentials: "include" }).catch(() => {}),
            new Promise((done) => {
              const picture = new Image();
              picture.onload = picture.onerror = done;
              picture.src = url;
            }),
          ]).then(() => null)
          """,
          around.instance.shell(path));
    }
    evil.navigate(around.instance.shell("/logout"));
    assertThat(around.greetedUser(alice)).isEqualTo("Ålice");
  }

  @Test
  void anotherUsersLinkDoesNotChangeALoggedInIdentity() {
    Page alice = around.loggedIn("alice");
    Page evil = around.openEvilPage(alice);
    String url = around.instance.enroll("bob");
    assertRefused(evil, url, LOADED);
    evil.evaluate("(url) => { location = url; }", url);
    evil.waitForURL(url);
    assertThat(around.greetedUser(alice)).as("there is a button to press").isEqualTo("Ålice");
  }

  @Test
  void aSiblingCannotOpenAWebSocket() {
    Page alice = around.loggedIn("alice");
    alice.navigate(around.instance.shell("/a/notes/"));
    alice.frameLocator("iframe.app").getByText("Seen: Ålice").waitFor();
    String open =
        """
        (url) => new Promise((done) => {
          const socket = new WebSocket(url);
          socket.onopen = () => done("open");
          socket.onerror = () => done("refused");
        })
        """;
    String notes = around.instance.url("notes", "/socket").replace("http:", "ws:");
    Frame own = alice.frame("app");
    assertThat(own.evaluate(open, notes)).as("the appspace's own page").isEqualTo("open");
    Page evil = around.openEvilPage(alice);
    for (String url :
        List.of(
            notes,
            around.instance.shell("/").replace("http:", "ws:"),
            around.instance.shell("/account").replace("http:", "ws:"))) {
      assertThat(evil.evaluate(open, url)).as(url).isEqualTo("refused");
    }
  }

  @Test
  void aSiblingCannotReadOrWriteAnotherAppspace() {
    Page alice = around.loggedIn("alice");
    alice.navigate(around.instance.shell("/a/notes/"));
    alice.frameLocator("iframe.app").getByText("Seen: Ålice").waitFor();
    Page evil = around.openEvilPage(alice);
    String notes = around.instance.url("notes", "/");
    REQUESTS.forEach((how, script) -> assertRefused(evil, notes, script));
    assertRefused(evil, notes, LOADED);
    assertThat(
            evil.evaluate(
                "(url) => fetch(url, {credentials: 'include'}).then(() => 'read', () => 'refused')",
                notes))
        .isEqualTo("refused");
  }
}
