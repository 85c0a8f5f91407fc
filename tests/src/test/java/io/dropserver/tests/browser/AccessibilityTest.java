package io.dropserver.tests.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Frame;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.dropserver.tests.Checkout;
import io.dropserver.tests.endtoend.LiveInstance;
import io.dropserver.tests.endtoend.PagesOfEachKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checks the front door's own pages with axe-core. */
@Tag("slow")
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
          "/a/broken/",
          "/a/crashing/",
          "/a/resting/",
          "/a/nowhere/",
          "/login?again=1",
          "/dashboard",
          "/dashboard/a/notes",
          "/dashboard/a/broken",
          "/dashboard/a/crashing",
          "/dashboard/a/garden",
          "/dashboard/a/resting",
          "/dashboard/a/notes/restore",
          "/dashboard/a/garden/restore",
          "/dashboard/people",
          "/dashboard/updates/garden/1.1.0",
          "/push");

  /** Pages for a member, without a dashboard. */
  private static final List<String> MEMBER = List.of("/", "/account", "/a/resting/", "/dashboard");

  private LiveInstance instance;
  private Chromium chromium;
  private String axe;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    instance = PagesOfEachKind.start(folder);
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
  private static List<String> findings(Frame frame) {
    return (List<String>)
        frame.evaluate(
            """
            () => axe.run(document, { iframes: false }).then(({ violations }) =>
              violations
                .filter(({ impact }) => impact === "serious" || impact === "critical")
                .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`)))
            """);
  }

  private static void check(Page page, String name) {
    assertThat(findings(page.mainFrame())).as(name).isEmpty();
    assertThat((int) page.evaluate("document.documentElement.scrollWidth - innerWidth"))
        .as("overflow of %s", name)
        .isNotPositive();
  }

  private void visit(Page page, List<String> paths) {
    for (String path : paths) {
      page.navigate(instance.shell(path));
      check(page, path);
    }
  }

  private static Locator button(Page page, String name) {
    return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name)).first();
  }

  /** Logs in by a link. */
  private void enroll(Page page, String user) {
    page.navigate(instance.enroll(user));
    check(page, "a link");
    button(page, "Continue").click();
    page.waitForURL(instance.shell("/account"));
    check(page, "the first log-in");
  }

  @ParameterizedTest
  @CsvSource({"LIGHT, 390", "LIGHT, 1280", "DARK, 390", "DARK, 1280"})
  void noPageHasASeriousFindingOrIsCutOff(ColorScheme scheme, int width) {
    Page page = page(scheme, width);
    visit(page, OPEN);
    page.navigate(instance.shell("/").replace("://", "://elsewhere."));
    check(page, "a host without an appspace");
    page.navigate(instance.shell("/").replaceFirst("//[a-z.]+", "//elsewhere.localhost"));
    check(page, "an unknown host");
    page.navigate(instance.shell("/login"));
    page.getByLabel("Name").fill("carol");
    page.getByLabel("Password").fill("not her password");
    page.getByLabel("Password").press("Enter");
    page.getByRole(AriaRole.ALERT).waitFor();
    check(page, "a failed log-in");

    enroll(page, "alice");
    VirtualAuthenticator.in(page);
    Locator unused = page.getByText("not used yet");
    int before = unused.count();
    button(page, "Create a passkey").click();
    page.waitForCondition(() -> unused.count() > before);
    page.waitForLoadState();
    visit(page, OWN);
    page.context().close();
  }

  @ParameterizedTest
  @CsvSource({"LIGHT, 390", "LIGHT, 1280", "DARK, 390", "DARK, 1280"})
  void noDecisionHasASeriousFinding(ColorScheme scheme, int width) {
    Page page = page(scheme, width);
    enroll(page, "alice");
    page.navigate(instance.shell("/dashboard"));
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Approve or deny")).click();
    button(page, "Deny").waitFor();
    check(page, "an approval");
    page.navigate(instance.shell("/dashboard/a/notes/restore"));
    button(page, "Show what would change").click();
    page.getByText("nothing to restore").waitFor();
    check(page, "a comparison with a backup");
    page.navigate(instance.shell("/dashboard/people"));
    button(page, "Create a link for Carol").click();
    page.getByLabel("The link").waitFor();
    check(page, "an invitation");
    page.context().close();
  }

  @ParameterizedTest
  @CsvSource({"LIGHT, 390", "LIGHT, 1280", "DARK, 390", "DARK, 1280"})
  void noPageOfAMemberOrOfAnAppHasASeriousFinding(ColorScheme scheme, int width) {
    Page page = page(scheme, width);
    enroll(page, "bob");
    visit(page, MEMBER);
    for (String failed : List.of("/a/broken/", "/a/crashing/")) {
      page.navigate(instance.shell(failed));
      page.frameLocator("iframe.app").locator("h1").waitFor();
      check(page, failed);
      assertThat(findings(page.frames().get(1))).as("frame of %s", failed).isEmpty();
    }
    page.navigate(instance.shell("/"));
    assertThat(page.locator(".tile:has-text('garden') .state").textContent())
        .isEqualTo("Not opened yet");
    assertThat(page.locator(".tile:has-text('notes') .state").textContent())
        .isIn("Ready", "Asleep");
    page.navigate(instance.shell("/a/notes/"));
    assertThat(page.locator(".bar nav a").allTextContents()).containsExactly("Home", "Bob");
    assertThat(page.locator(".bar nav a").first().isVisible()).as("menu").isTrue();
    page.frameLocator("iframe.app").getByText("Away").click();
    page.getByText("Open another site?").waitFor();
    check(page, "a link to another site");
    page.context().close();
  }

  @Test
  void theCheckerFindsViolations() {
    Page page = page(ColorScheme.LIGHT, 1280);
    page.setContent("<img src=x><p style='color: #bbb; background: #fff'>Hardly to be read</p>");
    page.evaluate(axe);
    assertThat(String.join(" ", findings(page.mainFrame())))
        .contains("image-alt", "color-contrast");
    page.context().close();
  }
}
