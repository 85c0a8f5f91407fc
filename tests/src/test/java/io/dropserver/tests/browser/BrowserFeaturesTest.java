package io.dropserver.tests.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Frame;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.Geolocation;
import io.dropserver.tests.endtoend.LiveInstance;
import io.dropserver.tests.endtoend.PagesInstance;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/**
 * Uses each browser feature of the table in docs/apps/apps.md in Chromium: in an appspace whose
 * owner granted it, and in one without a grant.
 */
@TestInstance(Lifecycle.PER_CLASS)
class BrowserFeaturesTest {
  private static final String MAIN =
      """
      const script = `
        const violations = [];
        addEventListener("securitypolicyviolation", (e) => violations.push(e.effectiveDirective));
        const worker = (url) => new Promise((resolve, reject) => {
          const it = new Worker(url);
          it.onmessage = resolve;
          it.onerror = () => reject(new DOMException("", "SecurityError"));
        });
        const tries = {
          fullscreen: async () => {
            await document.documentElement.requestFullscreen();
            await document.exitFullscreen();
          },
          write: () => navigator.clipboard.writeText("copied"),
          read: () => navigator.clipboard.readText(),
          camera: () => navigator.mediaDevices.getUserMedia({ video: true }),
          microphone: () => navigator.mediaDevices.getUserMedia({ audio: true }),
          geolocation: () => new Promise((resolve, reject) =>
            navigator.geolocation.getCurrentPosition(
              resolve, (e) => reject(new DOMException("", "Code" + e.code)))),
          evaluate: () => new Function("return 1")(),
          wasm: () => new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])),
          blobWorker: () => worker(URL.createObjectURL(new Blob(["postMessage(1)"]))),
          dataFont: async () => {
            await new FontFace("x", "url(data:font/woff2;base64,AAAA)").load().catch(() => {});
            await new Promise((resolve) => setTimeout(resolve));
            if (violations.includes("font-src")) throw new DOMException("", "SecurityError");
          },
          dataImage: () => {
            const image = new Image();
            image.src = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";
            return image.decode();
          },
          serviceWorker: () => navigator.serviceWorker.register("/features.js"),
        };
        const result = document.getElementById("result");
        const press = document.getElementById("press");
        press.disabled = false; // a press before this script has run would be lost
        press.addEventListener("click", async () => {
          for (const [name, act] of Object.entries(tries)) {
            const outcome = await Promise.resolve().then(act).then(() => "ok", (e) => e.name);
            result.append(name + "=" + outcome + " ");
          }
          result.append("end");
        });
      `;
      const page = `<!doctype html><title>Features</title><style>#result { color: rgb(1, 2, 3) }</style>
        <script>
          // The server's script stops this event before listeners that are registered after it.
          let heard = false;
          addEventListener("beforeunload", () => { heard = true; }, { capture: true });
          dispatchEvent(new Event("beforeunload"));
          document.title = heard ? "First" : "After the server's script";
        </script>
        <button id="press" disabled onclick="this.dataset.handler = 'ran'">Press</button><p id="result"></p>
        <script src="/features.js"></script>`;
      const of = (body: string, type: string) =>
        new Response(body, { headers: { "content-type": type } });

      export default {
        fetch: (request: Request) =>
          new URL(request.url).pathname === "/features.js"
            ? of(script, "text/javascript")
            : of(page, "text/html; charset=utf-8"),
      };
      """;

  private static final String STRICT_AND_GRANTED =
      """
      apiVersion: dropserver.io/v1
      kind: Appspace
      metadata: {name: strict}
      spec:
        app: {name: pages, version: 1.0.0}
        owner: alice
        access: public
      ---
      apiVersion: dropserver.io/v1
      kind: EgressWhitelist
      metadata: {name: pages}
      spec:
        appspace: pages
        allow:
          - {browser: inlineScripts, reason: "a bundle"}
          - {browser: eval}
          - {browser: blobWorkers}
          - {browser: fullscreen}
          - {browser: camera}
          - {browser: microphone}
          - {browser: geolocation}
          - {browser: clipboard-read}
          - {browser: midi}
        deny:
          - {browser: midi}
        browser: {inlineStyles: true, dataFonts: true, features: [clipboard-write]}
      """;

  private LiveInstance instance;
  private Playwright playwright;
  private Browser browser;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    instance = PagesInstance.create(folder, MAIN);
    instance.repository().write("features.yaml", STRICT_AND_GRANTED).push("Grant features");
    instance.startServing();
    playwright = Chromium.playwright();
    List<String> arguments = new ArrayList<>(Chromium.ARGUMENTS);
    // Without this argument Chromium has all features, as that of a person.
    arguments.removeIf(argument -> argument.startsWith("--disable-features"));
    arguments.add("--use-fake-ui-for-media-stream");
    arguments.add("--use-fake-device-for-media-stream");
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(Chromium.program())
                    .setArgs(arguments));
  }

  @AfterAll
  void stop() {
    browser.close();
    playwright.close();
    instance.close();
  }

  /** A browser whose person answers each question of a page with yes. */
  private BrowserContext permissive() {
    return browser.newContext(
        new Browser.NewContextOptions()
            .setGeolocation(new Geolocation(50, 8))
            .setPermissions(
                List.of(
                    "geolocation", "camera", "microphone", "clipboard-read", "clipboard-write")));
  }

  private Frame open(Page page, String appspace) {
    page.navigate(instance.shell("/a/" + appspace + "/"));
    // Finds the frame again if the shell's page is loaded again.
    page.frameLocator("iframe.app").locator("#press").waitFor();
    return page.waitForSelector("iframe.app").contentFrame();
  }

  private static String press(Frame frame) {
    frame.locator("#press").click();
    assertThat(frame.locator("#result")).containsText("end");
    return frame.locator("#result").textContent();
  }

  @Test
  void grantedFeaturesWorkInTheFrame() {
    try (BrowserContext context = permissive()) {
      Page page = context.newPage();
      Frame frame = open(page, "pages");
      assertThat(press(frame))
          .isEqualTo(
              "fullscreen=ok write=ok read=ok camera=ok microphone=ok geolocation=ok evaluate=ok"
                  + " wasm=ok blobWorker=ok dataFont=ok dataImage=ok serviceWorker=TypeError"
                  + " end");
      assertThat(frame.title()).isEqualTo("After the server's script");
      assertThat(frame.locator("#press")).hasAttribute("data-handler", "ran");
      assertThat(frame.locator("#result")).hasCSS("color", "rgb(1, 2, 3)");
      assertThat(allowed(frame))
          .isEqualTo("camera clipboard-read clipboard-write fullscreen geolocation microphone");
    }
  }

  @Test
  void withoutAGrantNothingWorksEvenIfThePersonAgrees() {
    try (BrowserContext context = permissive()) {
      Page page = context.newPage();
      Frame frame = open(page, "strict");
      assertThat(press(frame))
          .isEqualTo(
              "fullscreen=TypeError write=NotAllowedError read=NotAllowedError"
                  + " camera=NotAllowedError microphone=NotAllowedError geolocation=Code1"
                  + " evaluate=EvalError wasm=ok blobWorker=SecurityError dataFont=SecurityError"
                  + " dataImage=ok serviceWorker=TypeError end");
      assertThat(frame.title()).isEqualTo("Features");
      assertThat(frame.locator("#press")).not().hasAttribute("data-handler", "ran");
      assertThat(frame.locator("#result")).not().hasCSS("color", "rgb(1, 2, 3)");
      assertThat(allowed(frame)).isEmpty();
      assertThat(allowed(page.mainFrame())).as("the shell's page").isEmpty();
    }
  }

  /** Chromium prints a line for each name that it does not know. */
  @Test
  void everyFeatureThatTheBrowserKnowsIsDeniedWithoutALineOnTheConsole() {
    try (BrowserContext context = browser.newContext()) {
      Page page = context.newPage();
      List<String> lines = new ArrayList<>();
      page.onConsoleMessage(message -> lines.add(message.text()));
      Frame frame = open(page, "strict");
      // The console works: the page has inline scripts.
      page.waitForCondition(
          () -> lines.stream().anyMatch(line -> line.contains("Content Security Policy")));
      assertThat(lines).noneMatch(line -> line.contains("Permissions-Policy"));
      assertThat((int) frame.evaluate("document.featurePolicy.features().length"))
          .isGreaterThan(50);
      assertThat(allowed(frame)).isEmpty();
      page.navigate(instance.shell("/login"));
      assertThat(allowed(page.mainFrame()))
          .isEqualTo("publickey-credentials-create publickey-credentials-get");
      assertThat(lines).noneMatch(line -> line.contains("Permissions-Policy"));
    }
  }

  private static String allowed(Frame frame) {
    return (String) frame.evaluate("document.featurePolicy.allowedFeatures().sort().join(' ')");
  }
}
