package io.dropserver.tests.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Frame;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
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
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Uses the example's apps on a running server, as people do. */
@TestInstance(Lifecycle.PER_CLASS)
@ExtendWith(RetryOnBrowserCrash.class)
class ExampleAppsTest {
  private static final String NAMELESS_CONTROLS =
      """
      [...document.querySelectorAll('a, button, summary, input:not([type=hidden]), textarea')]
        .filter(it => !(it.ariaLabel || it.labels?.[0]?.textContent.trim() || it.textContent.trim()))
        .length
      """;

  private static final List<String> EVERY_PAGE =
      List.of(
          "diary/",
          "diary/?q=do",
          "diary/entries/1",
          "diary/entries/1/edit",
          "cookbook/",
          "cookbook/new",
          "cookbook/recipes/soup",
          "cookbook/recipes/soup/edit",
          "shopping/");

  private Chromium chromium;
  private ExampleApps apps;
  private final List<BrowserContext> contexts = new ArrayList<>();

  /** Messages of the browser about policy violations and script errors. */
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
    Frame diary = visit(page, "diary", "/");
    enter(page);
    page.keyboard().press("n");
    page.keyboard().type("Fog on the river.");
    page.keyboard().press("Control+Enter");
    assertThat(diary.getByText("Fog on the river.")).isVisible();
    write(page, "Tea with Anna.");

    diary = visit(page, "diary", "/");
    assertThat(entries(diary)).hasCount(2);
    enter(page);
    page.keyboard().press("/");
    page.keyboard().type("fog");
    assertThat(entries(diary)).hasCount(1);
    assertThat(diary.getByText("One entry with")).isVisible();
    assertThat(page).hasURL(apps.shell("diary", "/?q=fog"));
    page.keyboard().press("Control+a");
    page.keyboard().press("Delete");
    assertThat(entries(diary)).hasCount(2);
  }

  @Test
  void anEntryIsChangedAndDeletedWithoutScript() {
    Frame page = visit(open(withoutScript()), "diary", "/");
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
    Page page = open(withoutScript());
    Frame cookbook = addRecipe(page);
    cookbook.getByLabel("One serving more").click();
    cookbook.getByLabel("One serving more").click();
    assertThat(cookbook.getByText("375 g lentils")).isVisible();
    assertThat(visit(page, "cookbook", "/?q=lentil").getByRole(AriaRole.LINK, named("Soup")))
        .isVisible();
  }

  @Test
  void aThingThatOnePersonAddsAppearsAtTheOther() {
    Frame alice = visit(open(new NewContextOptions()), "shopping", "/");
    Frame bob = visit(open(new NewContextOptions()), "shopping", "/");
    assertThat(alice.getByText("1 more is here")).isVisible();

    addThing(alice, "Oat milk");
    bob.getByRole(AriaRole.BUTTON, button("Oat milk")).click();
    assertThat(alice.getByRole(AriaRole.HEADING, headingNamed("In the basket"))).isVisible();
    click(alice, "Clear");
    assertThat(bob.getByText("Nothing is missing.")).isVisible();
  }

  @Test
  void aListThatIsOpenIsLiveAgainAfterItsProcessWasKilled() throws IOException {
    Frame alice = visit(open(new NewContextOptions()), "shopping", "/");
    Frame bob = visit(open(new NewContextOptions()), "shopping", "/");
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
    Frame shopping = visit(page, "shopping", "/");
    addThing(shopping, "Apples");
    addThing(shopping, "Bread");
    page.keyboard().press("Tab");
    page.keyboard().press("Tab");
    Locator apples = shopping.getByRole(AriaRole.BUTTON, button("Apples"));
    assertThat(apples).isFocused();
    page.keyboard().press("Space");
    assertThat(apples).hasAttribute("aria-pressed", "true");
    assertThat(apples).isFocused();
  }

  @Test
  void aListIsUsedWithoutScript() {
    Frame page = visit(open(withoutScript()), "shopping", "/");
    addThing(page, "Coffee");
    page.getByRole(AriaRole.BUTTON, button("Coffee")).click();
    assertThat(page.getByText("All done.")).isVisible();
    click(page, "Clear");
    assertThat(page.getByText("Nothing is missing.")).isVisible();
  }

  @Test
  void noPageIsWiderThanAPhoneOrHasAControlWithoutAName() {
    for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      Page page = open(new NewContextOptions().setViewportSize(360, 700).setColorScheme(scheme));
      write(page, "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk".repeat(3));
      addRecipe(page);
      addThing(visit(page, "shopping", "/"), "Washing powder without perfume".repeat(2));
      for (String place : EVERY_PAGE) {
        Frame app =
            visit(
                page, place.substring(0, place.indexOf('/')), place.substring(place.indexOf('/')));
        assertThat((int) app.evaluate("document.documentElement.scrollWidth"))
            .as("width of %s", place)
            .isLessThanOrEqualTo(360);
        assertThat((int) page.evaluate("document.documentElement.scrollWidth"))
            .as("width of the shell around %s", place)
            .isLessThanOrEqualTo(360);
        assertThat((int) app.evaluate(NAMELESS_CONTROLS)).as("nameless in %s", place).isZero();
      }
    }
  }

  private Page open(NewContextOptions options) {
    BrowserContext context = chromium.browser().newContext(options);
    contexts.add(context);
    Page page = context.newPage();
    page.onConsoleMessage(message -> complain(message.text()));
    page.onPageError(complaints::add);
    return page;
  }

  /**
   * Records a message, except for three kinds: a directive that Chromium does not know, the feature
   * that the tests disable in it, and the data that a first visit clears.
   */
  private void complain(String message) {
    if (!message.contains("Unrecognized feature: 'local-network-access'")
        && !message.startsWith("Clear-Site-Data header on ")
        && !message.equals("Unrecognized Content-Security-Policy directive 'webrtc'.")) {
      complaints.add(message);
    }
  }

  private static NewContextOptions withoutScript() {
    return new NewContextOptions().setJavaScriptEnabled(false);
  }

  /** Opens an appspace in the shell and returns its loaded frame. */
  private Frame visit(Page page, String appspace, String path) {
    page.navigate(apps.shell(appspace, path));
    Frame app = page.waitForSelector("iframe.app").contentFrame();
    app.waitForURL(apps.url(appspace, path));
    return app;
  }

  /** Focuses the app's frame, like the Tab key. */
  private static void enter(Page page) {
    page.locator("iframe.app").focus();
  }

  private void write(Page page, String text) {
    Frame diary = visit(page, "diary", "/");
    if (!diary.getByLabel("Text").isVisible()) {
      diary.getByText("What happened today?").click();
    }
    diary.getByLabel("Text").fill(text);
    click(diary, "Save");
    assertThat(diary.getByText(text)).isVisible();
  }

  private Frame addRecipe(Page page) {
    Frame cookbook = visit(page, "cookbook", "/new");
    cookbook.getByLabel("Name").fill("Soup");
    cookbook.getByLabel("Ingredients").fill("250 g lentils\nsalt");
    cookbook.getByLabel("Method").fill("Simmer.");
    click(cookbook, "Save");
    assertThat(cookbook.getByRole(AriaRole.HEADING, headingNamed("Soup"))).isVisible();
    return cookbook;
  }

  private static void addThing(Frame page, String name) {
    page.getByLabel("What is missing?").fill(name);
    page.getByLabel("What is missing?").press("Enter");
    assertThat(page.getByRole(AriaRole.BUTTON, button(name))).isVisible();
  }

  private static Locator entries(Frame page) {
    return page.locator(".entries li");
  }

  private static void click(Frame page, String name) {
    page.getByRole(AriaRole.BUTTON, named(name).setExact(true)).click();
  }

  private static Frame.GetByRoleOptions named(String name) {
    return new Frame.GetByRoleOptions().setName(name);
  }

  /** Matches the button that ticks off an item. The button's name starts with that of the item. */
  private static Frame.GetByRoleOptions button(String name) {
    return new Frame.GetByRoleOptions().setName(Pattern.compile("^" + name));
  }

  private static Frame.GetByRoleOptions headingNamed(String name) {
    return named(name).setExact(true);
  }
}
