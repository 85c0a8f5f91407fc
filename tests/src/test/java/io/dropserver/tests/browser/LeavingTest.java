package io.dropserver.tests.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Dialog;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.options.AriaRole;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.dropserver.tests.endtoend.LiveInstance;
import io.dropserver.tests.endtoend.PagesInstance;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A visitor leaves an app for another site in the same tab, and comes back. */
@TestInstance(Lifecycle.PER_CLASS)
@ExtendWith(RetryOnBrowserCrash.class)
class LeavingTest {
  private static final String MAIN =
      """
      let saved = "";
      const script = `
        addEventListener("pagehide", () => navigator.sendBeacon("/save", "the last sentence"));
        const button = document.querySelector("button");
        button.addEventListener("click", () => {
          for (let i = 0; i < 20; i++) history.pushState(i, "", "/step-" + i);
          document.title = "Added";
          addEventListener("beforeunload", (event) => event.preventDefault());
        });
        // A press before this script has run would be lost.
        button.disabled = false;
      `;
      const page = (title: string) => `<!doctype html><title>${title}</title>
        <h1>${title}</h1><a href="/two">To two</a><button disabled>Add entries</button>
        <script type="module" src="/script.js"></script>`;

      export default {
        async fetch(request: Request): Promise<Response> {
          switch (new URL(request.url).pathname) {
            case "/script.js":
              return new Response(script, { headers: { "content-type": "text/javascript" } });
            case "/save":
              saved = await request.text();
              return new Response(null, { status: 204 });
            case "/saved":
              return new Response(saved);
            default:
              return new Response(page(request.url.endsWith("/two") ? "Two" : "One"), {
                headers: { "content-type": "text/html; charset=utf-8" },
              });
          }
        },
      };
      """;

  /** A second appspace of the same app. */
  private static final String ASKING =
      """
      apiVersion: dropserver.io/v1
      kind: Appspace
      metadata: {name: asking}
      spec:
        app: {name: pages, version: 1.0.0}
        owner: alice
        access: public
      ---
      apiVersion: dropserver.io/v1
      kind: EgressWhitelist
      metadata: {name: asking}
      spec:
        appspace: asking
        browser: {beforeUnload: true}
      """;

  private final List<String> questions = new CopyOnWriteArrayList<>();
  private LiveInstance instance;
  private HttpServer elsewhere;
  private ExecutorService threads;
  private Chromium chromium;
  private BrowserContext context;
  private Page page;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    instance = PagesInstance.create(folder, MAIN);
    instance.repository().write("asking.yaml", ASKING).push("Let an appspace ask");
    instance.startServing();
    elsewhere = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    elsewhere.createContext("/", LeavingTest::answer);
    threads = Executors.newVirtualThreadPerTaskExecutor();
    elsewhere.setExecutor(threads);
    elsewhere.start();
    chromium = Chromium.start();
  }

  private static void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    if (path.equals("/nothing")) {
      exchange.sendResponseHeaders(204, -1);
    } else {
      if (path.equals("/slow")) {
        pause();
      }
      if (path.equals("/file")) {
        exchange.getResponseHeaders().set("Content-Disposition", "attachment; filename=file.txt");
      }
      exchange.getResponseHeaders().set("Content-Type", "text/html");
      byte[] body = "<!doctype html><title>Elsewhere</title>".getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
    exchange.close();
  }

  /**
   * Delays a response for longer than the shell takes to restore an app that did not leave the tab.
   */
  private static void pause() {
    try {
      Thread.sleep(9000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @AfterAll
  void stop() {
    chromium.close();
    elsewhere.stop(0);
    threads.close();
    instance.close();
  }

  @BeforeEach
  void open() {
    questions.clear();
    context = chromium.browser().newContext();
    page = context.newPage();
    page.onDialog(this::refuse);
    page.navigate(elsewhere("/before"));
  }

  private void refuse(Dialog dialog) {
    questions.add(dialog.type());
    dialog.dismiss();
  }

  @AfterEach
  void closePage() {
    context.close();
  }

  @Test
  void thePageAfterTheShellHasAFullTabHistory() {
    openAndPress("pages", "Add entries");
    assertThat(page).hasTitle("Added · pages");
    page.navigate(elsewhere("/"));
    assertThat(entries()).isEqualTo(50);
    page.navigate(instance.shell("/a/pages/"));
    assertThat(page).hasTitle("One · pages");
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Dropserver")).click();
    assertThat(page).hasURL(instance.shell("/"));
    page.navigate(elsewhere("/"));
    assertThat(entries()).isEqualTo(50);
    page.goBack();
    page.goBack();
    assertThat(page).hasTitle("One · pages");
    page.navigate(elsewhere("/"));
    assertThat(entries()).isEqualTo(50);
  }

  @Test
  void backReturnsToTheAppAndThenToEarlierEntries() {
    openAndPress("pages", "To two");
    assertThat(page).hasTitle("Two · pages");
    page.navigate(elsewhere("/"));
    page.goBack();
    assertThat(page).hasTitle("Two · pages");
    assertThat(page).hasURL(instance.shell("/a/pages/two"));
    page.goBack();
    assertThat(page).hasTitle("One · pages");
    page.goBack();
    assertThat(page).hasURL(elsewhere("/before"));
    assertThat(entries()).isEqualTo(50);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/nothing", "/file"})
  void anAddressWithoutAPageReloadsTheApp(String path) {
    openAndPress("pages", "To two");
    assertThat(page).hasTitle("Two · pages");
    assertThatThrownBy(() -> page.navigate(elsewhere(path)))
        .isInstanceOf(PlaywrightException.class);
    page.waitForCondition(() -> page.frames().size() == 1);
    // Do not access the page here: evaluating a script in it would count as user interaction.
    page.waitForCondition(() -> page.frames().size() == 2);
    assertThat(page).hasTitle("Two · pages");
    assertThat(page).hasURL(instance.shell("/a/pages/two"));
  }

  @Test
  void navigationToASlowPageIsNotAborted() {
    openAndPress("pages", "To two");
    assertThat(page).hasTitle("Two · pages");
    page.navigate(elsewhere("/slow"));
    assertThat(page).hasURL(elsewhere("/slow"));
    assertThat(entries()).isEqualTo(50);
  }

  @Test
  void dataThatAnAppSavesOnUnloadArrives() throws Exception {
    assertThat(instance.send("POST", "pages", "/save", "").statusCode()).isEqualTo(204);
    openAndPress("pages", "To two");
    assertThat(page).hasTitle("Two · pages");
    page.navigate(elsewhere("/"));
    // The browser sends the data in the background, and the next page shows it as it is then.
    var _ = await().until(() -> instance.get("pages", "/saved").body(), saved -> !saved.isEmpty());
    page.navigate(instance.shell("/a/pages/saved"));
    assertThat(page.frameLocator("iframe").locator("body")).hasText("the last sentence");
  }

  @Test
  void anUnloadPromptNeedsPermissionFromTheOwner() {
    openAndPress("pages", "Add entries");
    page.navigate(elsewhere("/"));
    assertThat(page).hasTitle("Elsewhere");
    assertThat(questions).isEmpty();
    openAndPress("asking", "Add entries");
    assertThat(page).hasTitle("Added · asking");
    assertThatThrownBy(() -> page.navigate(elsewhere("/"))).isInstanceOf(PlaywrightException.class);
    assertThat(questions).containsExactly("beforeunload");
    assertThat(page).hasTitle("Added · asking");
  }

  /** Uses the keyboard: Chromium may deliver a click to the shell before it shows the frame. */
  private void openAndPress(String appspace, String what) {
    page.navigate(instance.shell("/a/" + appspace + "/"));
    assertThat(page).hasTitle("One · " + appspace);
    page.frameLocator("iframe").getByText(what).press("Enter");
  }

  private int entries() {
    return (Integer) page.evaluate("history.length");
  }

  private String elsewhere(String path) {
    return "http://elsewhere.localhost:" + elsewhere.getAddress().getPort() + path;
  }
}
