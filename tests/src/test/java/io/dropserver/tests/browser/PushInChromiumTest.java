package io.dropserver.tests.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Frame;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.options.AriaRole;
import io.dropserver.tests.endtoend.LiveInstance;
import io.dropserver.tests.endtoend.MembersApp;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Messages in a real browser: the page that turns them on, and the service worker that shows them.
 *
 * <p>Chromium subscribes only at Google's push service, which the tests do not reach. So the page
 * gets a subscription from the test, and Chromium's debugger delivers the message to the worker. A
 * headless browser has no notification to click either, so the test sends the event of a click.
 */
@TestInstance(Lifecycle.PER_CLASS)
@ExtendWith(RetryOnBrowserCrash.class)
class PushInChromiumTest {
  private static final String PATH = "/notifications/0123456789abcdef0123456789abcdef";
  private static final String SHOWN = "This browser shows messages of your apps.";
  private static final String NOT_SHOWN = "This browser shows no messages.";

  /** Creates keys as a browser does, and the endpoint of a push service that does not exist. */
  private static final String SUBSCRIPTIONS =
      """
      (() => {
        const text = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
          .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
        let current = null;
        globalThis.PushManager.prototype.subscribe = async function (options) {
          window.requested = { ...options, scope: (await navigator.serviceWorker.getRegistration(
            "/push/worker/")).scope };
          const pair = await crypto.subtle.generateKey(
            { name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
          const p256dh = text(await crypto.subtle.exportKey("raw", pair.publicKey));
          const auth = text(crypto.getRandomValues(new Uint8Array(16)));
          current = {
            toJSON: () => ({ endpoint: "https://push.invalid/s3cret", keys: { p256dh, auth } }),
            unsubscribe: () => Promise.resolve(current = null),
          };
          return current;
        };
        globalThis.PushManager.prototype.getSubscription = () => Promise.resolve(current);
      })()
      """;

  private static final String NOTIFICATIONS =
      """
      async () => {
        const registration = await navigator.serviceWorker.getRegistration("/push/worker/");
        const all = await registration.getNotifications();
        return all.map(({ title, body, data, tag }) => ({ title, body, data, tag }));
      }
      """;

  /** Sends the event of a click on each notification. Returns the URLs that the worker opens. */
  private static final String CLICK =
      """
      (async () => {
        const opened = [];
        self.clients.openWindow = (url) => {
          opened.push(url);
          return Promise.resolve(null);
        };
        for (const notification of await self.registration.getNotifications()) {
          self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
        }
        return opened;
      })()
      """;

  private LiveInstance instance;
  private Chromium chromium;
  private BrowserContext context;
  private Page page;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    instance = MembersApp.create(folder);
    instance.startServing();
    chromium = Chromium.start();
  }

  @AfterAll
  void stop() {
    chromium.close();
    instance.close();
  }

  @BeforeEach
  void logIn() {
    context = chromium.browser().newContext();
    context.grantPermissions(
        List.of("notifications"),
        new BrowserContext.GrantPermissionsOptions().setOrigin(instance.shell("")));
    page = context.newPage();
    page.addInitScript(SUBSCRIPTIONS);
    page.navigate(instance.enroll("bob"));
    press("Continue");
    assertThat(page).hasURL(instance.shell("/account"));
  }

  @AfterEach
  void close() {
    context.close();
  }

  private void press(String name) {
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true))
        .click();
  }

  private void turnOn() {
    page.navigate(instance.shell("/push"));
    assertThat(page.getByRole(AriaRole.STATUS)).hasText(NOT_SHOWN);
    press("Show messages in this browser");
    assertThat(page.getByRole(AriaRole.STATUS)).hasText(SHOWN);
  }

  private void await(BooleanSupplier done) {
    for (int i = 0; i < 400 && !done.getAsBoolean(); i++) {
      page.waitForTimeout(50);
    }
    assertThat(done.getAsBoolean()).isTrue();
  }

  /** Delivers a message to the worker, as the push service's connection would. */
  private void deliver(String title, String body, String path) {
    CDPSession session = context.newCDPSession(page);
    List<String> ids = new ArrayList<>();
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        event -> {
          for (JsonElement each : event.getAsJsonArray("registrations")) {
            ids.add(each.getAsJsonObject().get("registrationId").getAsString());
          }
        });
    session.send("ServiceWorker.enable", new JsonObject());
    await(() -> !ids.isEmpty());
    JsonObject data = new JsonObject();
    data.addProperty("title", title);
    data.addProperty("body", body);
    data.addProperty("path", path);
    JsonObject message = new JsonObject();
    message.addProperty("origin", instance.shell(""));
    message.addProperty("registrationId", ids.getLast());
    message.addProperty("data", data.toString());
    session.send("ServiceWorker.deliverPushMessage", message);
    session.detach();
  }

  private List<?> notifications() {
    return (List<?>) page.evaluate(NOTIFICATIONS);
  }

  private String inWorker(String expression) {
    try (ServiceWorkers workers = new ServiceWorkers(chromium.browser(), page)) {
      return workers.evaluate(expression).toString();
    }
  }

  private void assertOnlyTheWorkerRuns() {
    try (ServiceWorkers workers = new ServiceWorkers(chromium.browser(), page)) {
      assertThat(workers.urls()).containsExactly(instance.shell("/push/worker.js"));
    }
  }

  @Test
  void aMemberTurnsMessagesOnAndOff() {
    turnOn();
    assertThat(page.evaluate("[requested.userVisibleOnly, requested.scope]"))
        .isEqualTo(List.of(true, instance.shell("/push/worker/")));
    assertThat(page.evaluate("requested.applicationServerKey"))
        .isEqualTo(page.locator(".push").getAttribute("data-key"));
    assertOnlyTheWorkerRuns();
    press("Stop");
    assertThat(page.getByRole(AriaRole.STATUS)).hasText(NOT_SHOWN);
    assertThat(
            page.evaluate("async () => (await navigator.serviceWorker.getRegistrations()).length"))
        .isEqualTo(0);
  }

  @Test
  void aRefusedPermissionIsShown() {
    context.clearPermissions();
    page.navigate(instance.shell("/push"));
    press("Show messages in this browser");
    assertThat(page.getByRole(AriaRole.STATUS))
        .hasText("This did not work: this browser does not allow this site to show messages");
  }

  @Test
  void aMessageIsShownAsTextAndAClickOpensItInTheShell() {
    turnOn();
    String title = "notes: <b>Hi</b>";
    String body = "<img src=x onerror=alert(1)>\n<a href=https://evil.example>two</a>";
    deliver(title, body, PATH);
    await(() -> !notifications().isEmpty());
    assertThat(notifications())
        .isEqualTo(List.of(Map.of("title", title, "body", body, "data", PATH, "tag", PATH)));
    assertThat(inWorker(CLICK)).isEqualTo("[\"" + PATH + "\"]");
    await(() -> notifications().isEmpty());
    assertThat(page.evaluate("document.querySelector('img[src=x]')")).isNull();
  }

  /**
   * A push service that is not the server's choice cannot encrypt messages, but nothing is lost.
   */
  @Test
  void aClickOpensNothingButAMessage() {
    turnOn();
    List<String> others =
        List.of("https://evil.example/", "//evil.example/", "/dashboard", PATH + "/../../login");
    for (int i = 0; i < others.size(); i++) {
      deliver("title", "text", others.get(i));
      int shown = i + 1;
      await(() -> notifications().size() == shown);
    }
    assertThat(inWorker(CLICK)).isEqualTo("[]");
    await(() -> notifications().isEmpty());
  }

  @Test
  void theWorkerAnswersNoRequestAndControlsNoPage() {
    turnOn();
    assertThat(page.evaluate("navigator.serviceWorker.controller")).isNull();
    String script = (String) page.evaluate("async () => (await fetch('/push/worker.js')).text()");
    assertThat(Pattern.compile("addEventListener\\((.*?),").matcher(script).results())
        .extracting(found -> found.group(1))
        .containsExactly("\"push\"", "\"notificationclick\"");
    assertThat(script).doesNotContain("onfetch", "importScripts", "import ");
    for (String path : List.of("/push/worker/", "/push/worker/x", "/push", "/")) {
      Response response = Objects.requireNonNull(page.navigate(instance.shell(path)));
      assertThat(response.fromServiceWorker()).as(path).isFalse();
    }
    assertThat(page.evaluate("navigator.serviceWorker.controller")).isNull();
  }

  @Test
  void anAppNeitherSeesTheWorkerNorRegistersIt() {
    turnOn();
    page.navigate(instance.shell("/a/notes/"));
    page.frameLocator("iframe.app").getByText("Seen: ").waitFor();
    Frame app =
        page.frames().stream()
            .filter(frame -> frame.url().startsWith(instance.url("notes", "")))
            .findFirst()
            .orElseThrow();
    Object registered =
        app.evaluate(
            """
            async (scripts) => {
              const registered = [];
              for (const script of scripts) {
                try {
                  await navigator.serviceWorker.register(script);
                  registered.push(script);
                } catch { /* expected */ }
              }
              try {
                for (const each of await navigator.serviceWorker.getRegistrations()) {
                  registered.push(each.scope);
                }
              } catch { /* expected */ }
              return registered;
            }
            """,
            List.of(
                "/push/worker.js",
                "/push/worker/",
                "/script.js",
                instance.shell("/push/worker.js")));
    assertThat(registered).isEqualTo(List.of());
    assertOnlyTheWorkerRuns();
    Response asked = context.newPage().navigate(instance.url("notes", "/push/worker.js"));
    assertThat(Objects.requireNonNull(asked).text()).doesNotContain("showNotification");
  }
}
