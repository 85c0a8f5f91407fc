package io.dropserver.tests.exfiltration;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.RequestOptions;
import io.dropserver.tests.browser.Chromium;
import io.dropserver.tests.endtoend.LiveInstance;
import io.dropserver.tests.endtoend.PagesInstance;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Simulates a browser that does not send {@code Sec-Fetch-Dest}. */
@TestInstance(Lifecycle.PER_CLASS)
class OlderBrowserTest {
  private static final String ADDRESS = "127.0.0.4";

  /** Every script that runs outside a frame requests {@code /ran}. */
  private static final String MAIN =
      """
      let ran = 0;
      const html = (body: string, type: string) =>
        new Response(body, { headers: { "content-type": type, "cache-control": "max-age=600" } });
      const steal = `if (self === top) fetch("/ran")`;
      const page = `<!doctype html><title>A page</title><script src="/steal.js"></script>
        <p id="mode"></p><script src="/mode.js"></script><a href="/next#there">Next</a>`;

      export default {
        fetch(request: Request): Response {
          switch (new URL(request.url).pathname) {
            case "/steal.js":
              return html(steal, "text/javascript");
            case "/mode.js":
              return html(`mode.textContent = document.compatMode + location.hash`, "text/javascript");
            case "/ran":
              return new Response(String(++ran));
            case "/count":
              return new Response(String(ran));
            case "/comment":
              return html(`<!-- --!><script src="/steal.js"></script><!-- -->${page}`, "text/html");
            case "/escaped":
              return html(`<!-- \\x1b$B --><p>x</p>\\x1b(B --><script src="/steal.js"></script>`, "text/html");
            case "/mark":
              return html(`\\uFEFF${page}`, "text/html");
            case "/xhtml":
              return html(
                `<html xmlns="http://www.w3.org/1999/xhtml"><head><script src="/steal.js"/></head></html>`,
                "application/xhtml+xml",
              );
            case "/two-types":
              return html(
                `<html xmlns="http://www.w3.org/1999/xhtml"><head><script src="/steal.js"/></head></html>`,
                "text/html, application/xhtml+xml",
              );
            case "/picture":
              return html(`<svg xmlns="http://www.w3.org/2000/svg"><script href="/steal.js"/></svg>`, "image/svg+xml");
            default:
              return html(page, "text/html; charset=utf-8");
          }
        },
      };
      """;

  private LiveInstance instance;
  private FetchDestRelay fetchDestRelay;
  private Playwright playwright;
  private Browser browser;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    instance = PagesInstance.create(folder, MAIN);
    instance.startServing();
    fetchDestRelay = FetchDestRelay.start(ADDRESS, port(), Optional.empty());
    playwright = Chromium.playwright();
    List<String> arguments = new ArrayList<>(Chromium.ARGUMENTS);
    arguments.add("--host-resolver-rules=MAP pages." + LiveInstance.DOMAIN + " " + ADDRESS);
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(Chromium.program())
                    .setArgs(arguments));
  }

  @AfterAll
  void stop() throws IOException {
    browser.close();
    playwright.close();
    fetchDestRelay.close();
    instance.close();
  }

  @Test
  void anOlderBrowserIsRedirectedToTheShellAndRunsTheApp() throws IOException {
    try (BrowserContext context = browser.newContext()) {
      Page page = context.newPage();
      page.navigate(instance.url("pages", "/two?x=1#end"));
      assertThat(page).hasURL(instance.shell("/a/pages/two?x=1#end"));
      assertThat(page).hasTitle("A page · pages");
      assertThat(page.frameLocator("iframe").locator("#mode")).hasText("CSS1Compat#end");
      page.frameLocator("iframe").getByText("Next").click();
      assertThat(page).hasURL(instance.shell("/a/pages/next#there"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/comment",
        "/escaped",
        "/mark",
        "/xhtml",
        "/two-types",
        "/picture",
        "/kept-by-a-fetch"
      })
  void noScriptOfAnAppRunsOutsideOfTheFrame(String path) throws IOException {
    try (BrowserContext context = browser.newContext()) {
      Page page = context.newPage();
      if (path.equals("/kept-by-a-fetch")) {
        page.navigate(instance.shell("/a/pages/"));
        page.frameLocator("iframe")
            .locator("#mode")
            .evaluate("(_, path) => fetch(path, { cache: 'reload' })", path);
      }
      page.navigate(instance.url("pages", path));
      if (path.equals("/xhtml") || path.equals("/picture") || path.equals("/two-types")) {
        page.waitForTimeout(1000);
      } else {
        assertThat(page).hasURL(Pattern.compile("/a/pages"));
      }
      assertThat(timesRun(context)).isEqualTo("0");
    }
  }

  private String timesRun(BrowserContext context) {
    String place = "http://" + ADDRESS + ":" + port() + "/count";
    String host = URI.create(instance.url("pages", "/")).getAuthority();
    return context.request().get(place, RequestOptions.create().setHeader("Host", host)).text();
  }

  private int port() {
    return URI.create(instance.shell("/")).getPort();
  }
}
