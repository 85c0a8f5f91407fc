package io.dropserver.tests.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.dropserver.tests.Checkout;
import io.dropserver.tests.endtoend.LiveInstance;
import io.dropserver.tests.endtoend.MembersApp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checks the front door's own pages with axe-core. */
@TestInstance(Lifecycle.PER_CLASS)
@ExtendWith(RetryOnBrowserCrash.class)
class AccessibilityTest {
  /** Pages that look the same for every visitor. */
  private static final List<String> OPEN = List.of("/", "/login", "/enrol?token=none", "/nowhere");

  /** Pages for a logged-in admin. */
  private static final List<String> OWN =
      List.of(
          "/",
          "/account",
          "/a/notes/",
          "/login?again=1",
          "/dashboard",
          "/dashboard/a/notes",
          "/dashboard/a/notes/restore",
          "/dashboard/people",
          "/push");

  private LiveInstance instance;
  private Chromium chromium;
  private String axe;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    instance = MembersApp.create(folder);
    instance.startServing();
    chromium = Chromium.start();
    axe =
        Files.readString(Checkout.root().resolve("tools/judges/node_modules/axe-core/axe.min.js"));
  }

  @AfterAll
  void stop() {
    chromium.close();
    instance.close();
  }

  private Page page(ColorScheme scheme, int width) {
    BrowserContext context =
        chromium
            .browser()
            .newContext(new NewContextOptions().setColorScheme(scheme).setViewportSize(width, 844));
    context.addInitScript(axe);
    // Otherwise the virtual authenticator would log in automatically where a passkey is offered.
    context.addInitScript(
        "if (self.PublicKeyCredential) {"
            + "PublicKeyCredential.isConditionalMediationAvailable = async () => false; }");
    return context.newPage();
  }

  /** Returns one line for each element with a serious or critical finding. */
  @SuppressWarnings("unchecked") // the script returns a list of strings
  private static List<String> findings(Page page) {
    return (List<String>)
        page.evaluate(
            """
            () => axe.run(document, { iframes: false }).then(({ violations }) =>
              violations
                .filter(({ impact }) => impact === "serious" || impact === "critical")
                .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`)))
            """);
  }

  @ParameterizedTest
  @CsvSource({"LIGHT, 390", "LIGHT, 1280", "DARK, 390", "DARK, 1280"})
  void noPageHasASeriousFindingOrIsCutOff(ColorScheme scheme, int width) {
    Page page = page(scheme, width);
    for (String path : OPEN) {
      page.navigate(instance.shell(path));
      assertThat(findings(page)).as(path).isEmpty();
    }
    page.navigate(instance.enroll("alice"));
    assertThat(findings(page)).as("a link").isEmpty();
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Continue")).click();
    page.waitForURL(instance.shell("/account"));
    VirtualAuthenticator.in(page);
    Locator unused = page.getByText("not used yet");
    int before = unused.count();
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Create a passkey"))
        .click();
    page.waitForCondition(() -> unused.count() > before);
    page.waitForLoadState();
    for (String path : OWN) {
      page.navigate(instance.shell(path));
      assertThat(findings(page)).as(path).isEmpty();
      assertThat((int) page.evaluate("document.documentElement.scrollWidth"))
          .as("width of %s", path)
          .isLessThanOrEqualTo(width);
      if (path.startsWith("/a/")) {
        assertThat(page.locator(".bar nav a").allTextContents())
            .contains("Home", "Dashboard", "Ålice");
        assertThat(page.locator(".bar nav a").first().isVisible()).as("menu").isTrue();
      }
    }
    page.context().close();
  }

  @Test
  void theCheckerFindsViolations() {
    Page page = page(ColorScheme.LIGHT, 1280);
    page.setContent("<img src=x><p style='color: #bbb; background: #fff'>Hardly to be read</p>");
    page.evaluate(axe);
    assertThat(String.join(" ", findings(page))).contains("image-alt", "color-contrast");
    page.context().close();
  }
}
