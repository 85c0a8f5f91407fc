package io.dropserver.tests.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.FrameLocator;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** The example's apps in an instance that serves them, used as people use them. */
@TestInstance(Lifecycle.PER_CLASS)
class ExampleAppsTest {
  private static final String NAMELESS_CONTROLS =
      """
      [...document.querySelectorAll('a, button, summary, input:not([type=hidden]), textarea')]
        .filter(it => !(it.ariaLabel || it.labels?.[0]?.textContent.trim() || it.textContent.trim()))
        .length
      """;

  private Chromium chromium;
  private ExampleApps apps;
  private final List<BrowserContext> contexts = new ArrayList<>();

  /** What the browser complained about: a violated policy, an error of a script. */
  private final List<String> complaints = new ArrayList<>();

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    apps = ExampleApps.start(folder);
    chromium = Chromium.start();
  }

  @AfterAll
  void stop() {
    chromium.close();
    apps.close();
  }

  @BeforeEach
  void beginWithoutData() throws IOException {
    apps.renew();
  }

  @AfterEach
  void closePages() {
    contexts.forEach(BrowserContext::close);
    contexts.clear();
    List<String> seen = List.copyOf(complaints);
    complaints.clear();
    assertThat(seen).as("what the browser complained about").isEmpty();
  }

  @Test
  void aJournalIsWrittenWithTheKeyboardAloneAndSearchedAsOneTypes() {
    Page page = open(new NewContextOptions());
    page.navigate(apps.url("diary", "/"));
    page.keyboard().press("n");
    page.keyboard().type("Fog on the river.");
    page.keyboard().press("Control+Enter");
    assertThat(page.getByText("Fog on the river.")).isVisible();
    write(page, "Tea with Anna.");

    page.navigate(apps.url("diary", "/"));
    assertThat(entries(page)).hasCount(2);
    page.keyboard().press("/");
    page.keyboard().type("fog");
    assertThat(entries(page)).hasCount(1);
    assertThat(page.getByText("One entry with")).isVisible();
    assertThat(page).hasURL(apps.url("diary", "/?q=fog"));
    page.keyboard().press("Control+a");
    page.keyboard().press("Delete");
    assertThat(entries(page)).hasCount(2);
  }

  @Test
  void anEntryIsChangedAndDeletedWithoutScript() {
    Page page = open(new NewContextOptions().setJavaScriptEnabled(false));
    page.navigate(apps.url("diary", "/"));
    page.getByLabel("Text").fill("First frost.");
    click(page, "Save");
    page.getByRole(AriaRole.LINK, named("Change")).click();
    page.getByLabel("Title").fill("Winter");
    click(page, "Save");
    assertThat(page.getByRole(AriaRole.HEADING, headingNamed("Winter"))).isVisible();
    page.getByRole(AriaRole.LINK, named("Change")).click();
    page.getByText("Delete it…").click();
    click(page, "Delete this entry");
    assertThat(page.getByText("Nothing here yet.")).isVisible();
  }

  @Test
  void aRecipeIsAddedAndItsAmountsWorkedOutWithoutScript() {
    Page page = open(new NewContextOptions().setJavaScriptEnabled(false));
    addRecipe(page);
    page.getByLabel("One serving more").click();
    page.getByLabel("One serving more").click();
    assertThat(page.getByText("375 g lentils")).isVisible();
    page.navigate(apps.url("cookbook", "/?q=lentil"));
    assertThat(page.getByRole(AriaRole.LINK, named("Soup"))).isVisible();
  }

  @Test
  void aThingThatOnePersonAddsAppearsAtTheOther() {
    Page alice = open(new NewContextOptions());
    Page bob = open(new NewContextOptions());
    alice.navigate(apps.url("shopping", "/"));
    bob.navigate(apps.url("shopping", "/"));
    assertThat(alice.getByText("1 more is here")).isVisible();

    addThing(alice, "Oat milk");
    bob.getByRole(AriaRole.BUTTON, button("Oat milk")).click();
    assertThat(alice.getByRole(AriaRole.HEADING, headingNamed("In the basket"))).isVisible();
    click(alice, "Clear");
    assertThat(bob.getByText("Nothing is missing.")).isVisible();
  }

  @Test
  void aListThatIsOpenIsLiveAgainAfterItsProcessWasKilled() throws IOException {
    Page alice = open(new NewContextOptions());
    Page bob = open(new NewContextOptions());
    alice.navigate(apps.url("shopping", "/"));
    bob.navigate(apps.url("shopping", "/"));
    addThing(alice, "Rice");
    assertThat(bob.getByRole(AriaRole.BUTTON, button("Rice"))).isVisible();

    apps.kill("Shopping");
    assertThat(alice.getByText("Connecting…")).isVisible();
    assertThat(bob.getByText("1 more is here")).isVisible();
    assertThat(alice.getByText("1 more is here")).isVisible();
    addThing(alice, "Salt");
    assertThat(bob.getByRole(AriaRole.BUTTON, button("Salt"))).isVisible();
  }

  @Test
  void aListIsUsedWithTheKeyboardAloneAndKeepsTheFocus() {
    Page page = open(new NewContextOptions());
    page.navigate(apps.url("shopping", "/"));
    addThing(page, "Apples");
    addThing(page, "Bread");
    page.keyboard().press("Tab");
    page.keyboard().press("Tab");
    Locator apples = page.getByRole(AriaRole.BUTTON, button("Apples"));
    assertThat(apples).isFocused();
    page.keyboard().press("Space");
    assertThat(apples).hasAttribute("aria-pressed", "true");
    assertThat(apples).isFocused();
  }

  @Test
  void aListIsUsedWithoutScript() {
    Page page = open(new NewContextOptions().setJavaScriptEnabled(false));
    page.navigate(apps.url("shopping", "/"));
    addThing(page, "Coffee");
    page.getByRole(AriaRole.BUTTON, button("Coffee")).click();
    assertThat(page.getByText("All done.")).isVisible();
    click(page, "Clear");
    assertThat(page.getByText("Nothing is missing.")).isVisible();
  }

  @Test
  void theAppsWorkInTheFrameOfTheShell() {
    Page page = open(new NewContextOptions());
    showInShell(page, "diary");
    FrameLocator journal = page.frameLocator("iframe");
    journal.getByLabel("Text").fill("Written in a frame.");
    journal.getByText("Save", new FrameLocator.GetByTextOptions().setExact(true)).click();
    assertThat(journal.getByText("Written in a frame.")).isVisible();

    showInShell(page, "shopping");
    FrameLocator shopping = page.frameLocator("iframe");
    shopping.getByLabel("What is missing?").fill("Salt");
    shopping.getByLabel("What is missing?").press("Enter");
    assertThat(shopping.getByText("Salt", new FrameLocator.GetByTextOptions().setExact(true)))
        .isVisible();

    showInShell(page, "cookbook");
    FrameLocator recipes = page.frameLocator("iframe");
    recipes.getByText("Add a recipe").click();
    assertThat(recipes.getByLabel("Name")).isVisible();
  }

  @Test
  void noPageIsWiderThanAPhoneOrHasAControlWithoutAName() {
    for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      Page page = open(new NewContextOptions().setViewportSize(360, 700).setColorScheme(scheme));
      page.navigate(apps.url("diary", "/"));
      write(page, "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk".repeat(3));
      addRecipe(page);
      page.navigate(apps.url("shopping", "/"));
      addThing(page, "Washing powder without perfume".repeat(2));
      assertThat(page.getByRole(AriaRole.BUTTON, button("Washing powder"))).hasCount(1);
      for (String url : everyPage()) {
        page.navigate(url);
        assertThat((int) page.evaluate("document.documentElement.scrollWidth"))
            .as("width of %s", url)
            .isLessThanOrEqualTo(360);
        assertThat((int) page.evaluate(NAMELESS_CONTROLS)).as("nameless in %s", url).isZero();
      }
    }
  }

  private List<String> everyPage() {
    return List.of(
        apps.url("diary", "/"),
        apps.url("diary", "/?q=do"),
        apps.url("diary", "/entries/1"),
        apps.url("diary", "/entries/1/edit"),
        apps.url("cookbook", "/"),
        apps.url("cookbook", "/new"),
        apps.url("cookbook", "/recipes/soup"),
        apps.url("cookbook", "/recipes/soup/edit"),
        apps.url("shopping", "/"));
  }

  private Page open(NewContextOptions options) {
    BrowserContext context = chromium.browser().newContext(options);
    contexts.add(context);
    Page page = context.newPage();
    page.onConsoleMessage(message -> complain(message.text()));
    page.onPageError(complaints::add);
    return page;
  }

  /** The header names features that this Chromium has not yet or no longer: off in every one. */
  private void complain(String message) {
    if (!message.startsWith("Error with Permissions-Policy header: ")
        && !message.equals("Unrecognized Content-Security-Policy directive 'webrtc'.")) {
      complaints.add(message);
    }
  }

  /** A page at the shell's origin that frames the appspace: the one who may. */
  private void showInShell(Page page, String appspace) {
    String html =
        """
        <!DOCTYPE html><title>Shell</title><iframe
          sandbox="allow-scripts allow-same-origin allow-forms allow-downloads allow-modals"
          src="%s"></iframe>
        """
            .formatted(apps.url(appspace, "/"));
    page.route(
        apps.shell(appspace),
        route ->
            route.fulfill(
                new Route.FulfillOptions()
                    .setContentType("text/html; charset=utf-8")
                    .setBody(html)));
    page.navigate(apps.shell(appspace));
  }

  private void write(Page page, String text) {
    page.navigate(apps.url("diary", "/"));
    if (!page.getByLabel("Text").isVisible()) {
      page.getByText("What happened today?").click();
    }
    page.getByLabel("Text").fill(text);
    click(page, "Save");
  }

  private void addRecipe(Page page) {
    page.navigate(apps.url("cookbook", "/new"));
    page.getByLabel("Name").fill("Soup");
    page.getByLabel("Ingredients").fill("250 g lentils\nsalt");
    page.getByLabel("Method").fill("Simmer.");
    click(page, "Save");
  }

  private static void addThing(Page page, String name) {
    page.getByLabel("What is missing?").fill(name);
    page.getByLabel("What is missing?").press("Enter");
    assertThat(page.getByRole(AriaRole.BUTTON, button(name))).isVisible();
  }

  private static Locator entries(Page page) {
    return page.locator(".entries li");
  }

  private static void click(Page page, String name) {
    page.getByRole(AriaRole.BUTTON, named(name).setExact(true)).click();
  }

  private static Page.GetByRoleOptions named(String name) {
    return new Page.GetByRoleOptions().setName(name);
  }

  /** The button that ticks a thing off: its name begins with the thing's. */
  private static Page.GetByRoleOptions button(String name) {
    return new Page.GetByRoleOptions().setName(Pattern.compile("^" + name));
  }

  private static Page.GetByRoleOptions headingNamed(String name) {
    return named(name).setExact(true);
  }
}
