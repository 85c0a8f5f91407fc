package io.dropserver.tests.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.dropserver.tests.Checkout;
import io.dropserver.tests.endtoend.DemoProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Uses {@code dropserver demo} as a new user does: everything is reachable from one link. */
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@ExtendWith(RetryOnBrowserCrash.class)
class DemoTest {
  /** Appspaces, and a text on their first page. */
  private static final Map<String, String> APPS =
      Map.of("diary", "Journal", "cookbook", "Recipes", "shopping", "Shopping");

  private static final String FOCUSED =
      "(() => { const it = document.activeElement;"
          + " return (it.ariaLabel || it.textContent || '').trim(); })()";
  private static final int MOST_TABS = 40;
  private static final int FIRST_TIMES = 10;

  private DemoProcess demo;
  private Chromium chromium;
  private final List<BrowserContext> contexts = new ArrayList<>();

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    demo = DemoProcess.start(folder);
    chromium = Chromium.start();
  }

  @AfterAll
  void stop() {
    chromium.close();
    demo.close();
  }

  @AfterEach
  void closePages() {
    contexts.forEach(BrowserContext::close);
    contexts.clear();
  }

  private Page open(NewContextOptions options, String link) {
    BrowserContext context = chromium.browser().newContext(options);
    contexts.add(context);
    Page page = context.newPage();
    page.navigate(link);
    assertThat(page).hasURL(demo.shell("/"));
    return page;
  }

  private static Locator link(Page page, String name) {
    return page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  private static Locator heading(Page page, String name) {
    return page.getByRole(
        AriaRole.HEADING, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  private static Locator app(Page page) {
    return page.frameLocator("iframe.app").locator("body");
  }

  /**
   * Runs first, because a new link, which each of the other tests creates, invalidates the printed
   * one.
   */
  @Test
  @Order(1)
  void everyAppAndTheDashboardAreReachableByMouse() {
    Page page = open(new NewContextOptions(), demo.link());
    APPS.forEach(
        (appspace, title) -> {
          link(page, appspace).click();
          assertThat(app(page)).containsText(title);
          link(page, "Home").click();
          assertThat(heading(page, "Your appspaces")).isVisible();
        });
    link(page, "Dashboard").click();
    assertThat(page.getByText("All 10 objects are as declared.")).isVisible();
    page.locator("#appspaces").getByText("diary", exactly()).click();
    assertThat(heading(page, "Log")).isVisible();
    link(page, "People").click();
    page.getByLabel("Create a link for Bob").click();
    assertThat(page.getByLabel("The link")).hasValue(Pattern.compile("/enrol\\?token="));
    page.getByText("Log out", exactPage()).click();
    assertThat(page).hasURL(demo.shell("/login"));
    page.navigate(demo.shell("/dashboard"));
    assertThat(page).hasURL(Pattern.compile("/login\\?to="));
  }

  @Test
  void everythingIsReachedByTabAndEnterAlone() {
    Page page = open(new NewContextOptions(), demo.anotherLink());
    APPS.forEach(
        (appspace, title) -> {
          enter(page, appspace);
          assertThat(app(page)).containsText(title);
          enter(page, "Home");
          assertThat(heading(page, "Your appspaces")).isVisible();
        });
    enter(page, "Dashboard");
    assertThat(heading(page, "Appspaces")).isVisible();
    enter(page, "diary");
    assertThat(heading(page, "Log")).isVisible();
    enter(page, "Open diary");
    assertThat(app(page)).containsText("Journal");
    enter(page, "Dashboard");
    assertThat(heading(page, "Appspaces")).isVisible();
    enter(page, "People");
    assertThat(heading(page, "People")).isVisible();
    enter(page, "Create a link for Bob");
    assertThat(heading(page, "A link for Bob")).isFocused();
    enter(page, "Log out");
    assertThat(page).hasURL(demo.shell("/login"));
  }

  /**
   * Presses Tab until the control has the focus, and then Enter. Fails after a maximum number of
   * presses.
   */
  private static void enter(Page page, String name) {
    page.waitForLoadState();
    for (int i = 0; i < MOST_TABS; i++) {
      page.keyboard().press("Tab");
      if (page.evaluate(FOCUSED).equals(name)) {
        page.keyboard().press("Enter");
        return;
      }
    }
    throw new AssertionError(name + " is not reached by Tab on " + page.url());
  }

  @Test
  void theDashboardUpdatesItselfAndWorksWithoutScript() {
    Page watching = open(new NewContextOptions(), demo.anotherLink());
    List<String> complaints = new ArrayList<>();
    watching.onConsoleMessage(message -> complaints.add(message.text()));
    watching.onPageError(complaints::add);
    watching.navigate(demo.shell("/dashboard/a/cookbook"));
    assertThat(watching.locator(".pulse")).containsText("Live");
    Page opening = watching.context().newPage();
    opening.navigate(demo.shell("/a/cookbook/"));
    assertThat(app(opening)).containsText("Recipes");
    assertThat(watching.locator("#summary .state")).hasText("Ready");
    assertThat(watching.locator("#use .line").first()).isVisible();
    complaints.removeIf(
        text -> text.contains("'local-network-access'") || text.contains("directive 'webrtc'"));
    assertThat(complaints).isEmpty();

    Page plain = open(new NewContextOptions().setJavaScriptEnabled(false), demo.anotherLink());
    plain.navigate(demo.shell("/dashboard"));
    assertThat(plain.getByText("All 10 objects are as declared.")).isVisible();
    assertThat(plain.locator("#appspaces .state")).hasCount(3);
    plain.navigate(demo.shell("/dashboard/a/cookbook"));
    assertThat(heading(plain, "Conditions")).isVisible();
  }

  @Test
  void noPageIsWiderThanAPhone() {
    for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      Page page =
          open(
              new NewContextOptions().setViewportSize(360, 700).setColorScheme(scheme),
              demo.anotherLink());
      for (String path :
          List.of(
              "/",
              "/account",
              "/a/diary/",
              "/dashboard",
              "/dashboard/a/diary",
              "/dashboard/people")) {
        page.navigate(demo.shell(path));
        page.waitForLoadState();
        assertThat((int) page.evaluate("document.documentElement.scrollWidth"))
            .as("width of %s", path)
            .isLessThanOrEqualTo(360);
      }
    }
  }

  /**
   * If the app's frame was removed during the navigation, Chromium crashed at the first or second
   * attempt.
   */
  @Test
  void aFirstVisitThatContinuesToTheDashboardKeepsTheTab() {
    for (int i = 0; i < FIRST_TIMES; i++) {
      Page page = open(new NewContextOptions(), demo.anotherLink());
      page.navigate(demo.shell("/a/diary/"));
      page.navigate(demo.shell("/dashboard"));
      assertThat(heading(page, "Appspaces")).isVisible();
    }
  }

  /** Creates pictures for {@code bin/test pictures}. Not a test. */
  @Test
  @Tag("pictures")
  void picturesForTheDocuments() throws IOException {
    Path folder = Checkout.root().resolve(System.getProperty("dropserver.pictures", "docs/images"));
    Files.createDirectories(folder);
    for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      String tone = scheme == ColorScheme.DARK ? "-dark" : "";
      Page page =
          open(
              new NewContextOptions().setViewportSize(1100, 820).setColorScheme(scheme),
              demo.anotherLink());
      use(page);
      shoot(page, "/", folder.resolve("home" + tone + ".png"));
      shoot(page, "/a/diary/", folder.resolve("appspace" + tone + ".png"));
      shoot(page, "/dashboard", folder.resolve("dashboard" + tone + ".png"));
      shoot(page, "/dashboard/a/diary", folder.resolve("dashboard-appspace" + tone + ".png"));
      page.setViewportSize(360, 700);
      shoot(page, "/", folder.resolve("home-phone" + tone + ".png"));
      shoot(page, "/dashboard", folder.resolve("dashboard-phone" + tone + ".png"));
    }
  }

  /** Generates activity for the graphs. */
  private void use(Page page) {
    APPS.forEach(
        (appspace, title) -> {
          for (int i = 0; i < 3; i++) {
            page.navigate(demo.shell("/a/" + appspace + "/"));
            assertThat(app(page)).containsText(title);
            page.waitForTimeout(2_000);
          }
        });
  }

  private void shoot(Page page, String path, Path file) throws IOException {
    page.navigate(demo.shell(path));
    if (path.startsWith("/a/")) {
      assertThat(app(page)).isVisible();
    }
    page.waitForTimeout(1_000);
    page.screenshot(new Page.ScreenshotOptions().setPath(file));
    assertThat(Files.size(file)).as("bytes of %s", file).isLessThan(150_000);
  }

  private static Locator.GetByTextOptions exactly() {
    return new Locator.GetByTextOptions().setExact(true);
  }

  private static Page.GetByTextOptions exactPage() {
    return new Page.GetByTextOptions().setExact(true);
  }
}
