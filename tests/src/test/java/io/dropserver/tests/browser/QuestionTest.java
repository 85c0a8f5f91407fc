package io.dropserver.tests.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Clock;
import com.microsoft.playwright.Frame;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Mouse;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.BoundingBox;
import io.dropserver.tests.endtoend.LiveInstance;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An app attacks the prompt that the shell shows before a link opens another site. Only the test
 * advances the clock of the pages.
 */
@TestInstance(Lifecycle.PER_CLASS)
@ExtendWith(RetryOnBrowserCrash.class)
class QuestionTest {
  private static final String FIRST = "http://first.localhost:1/a?x=1";
  private static final String SECOND = "http://second.localhost:1/b#y";
  private static final Pattern ANY = Pattern.compile(".+");

  private LiveInstance instance;
  private Chromium chromium;
  private BrowserContext context;
  private Page page;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    instance = FramedApp.create(folder);
    instance.startServing();
    chromium = Chromium.start();
  }

  @AfterAll
  void stop() {
    chromium.close();
    instance.close();
  }

  @BeforeEach
  void open() {
    context = chromium.browser().newContext();
    page = context.newPage();
    page.setDefaultTimeout(20_000);
    page.navigate(instance.shell("/a/pages/two"));
    assertThat(page).hasTitle("Two · pages");
    // A clock that is installed earlier sometimes stands still while the page loads.
    page.clock().install(new Clock.InstallOptions().setTime(0));
    page.clock().pauseAt(86_400_000L);
  }

  @AfterEach
  void closePage() {
    context.close();
  }

  /**
   * @param shown milliseconds for which the first one is there: its link has no address before a
   *     second
   */
  @ParameterizedTest
  @CsvSource({"500, Escape", "500, Stay here", "1100, Stay here"})
  void aDialogOpensTheLinkItShowsEvenAfterAnotherDialog(int shown, String end) {
    ask(FIRST);
    page.clock().runFor(shown);
    if (end.equals("Escape")) {
      page.keyboard().press(end);
    } else {
      question().getByText(end).click();
    }
    assertThat(question()).isHidden();
    page.clock().runFor(300); // what the first one left would act before the second one does
    endSilence();
    ask(SECOND);
    assertThat(question().locator(".destination")).hasText(SECOND);
    for (int i = 0; i < 12; i++) {
      page.clock().runFor(100);
      String href = link().getAttribute("href");
      assertThat(href == null || href.equals(SECOND)).as(href).isTrue();
    }
    assertThat(link()).hasAttribute("href", SECOND);
  }

  @ParameterizedTest
  @ValueSource(ints = {150, 300, 700})
  void tapsAtOneSpotNeverOpenTheLink(int interval) {
    ask(FIRST);
    BoundingBox link = box(link());
    BoundingBox app = box(page.locator("iframe"));
    page.keyboard().press("Escape");
    assertThat(page.locator("dialog")).hasCount(0); // prompts are suppressed from here on
    page.clock().fastForward(10_000);
    double x = link.x + link.width / 2;
    double y = Math.max(link.y + link.height / 2, app.y + 2);
    app()
        .evaluate(
            """
            (url) => {
              const ask = () => parent.postMessage({ dropserver: 1, open: url }, "*");
              addEventListener("pointerdown", ask);
              addEventListener("click", ask);
            }
            """,
            FIRST);
    for (int i = 0; i < 10; i++) {
      page.mouse().click(x, y);
      page.clock().runFor(interval);
    }
    assertThat(context.pages()).hasSize(1);
    assertThat(question()).isVisible();
  }

  @ParameterizedTest
  @CsvSource({"1280, 720", "640, 360", "360, 640", "320, 480"})
  void theOpenLinkIsOutsideTheAppFrame(int width, int height) {
    page.setViewportSize(width, height);
    page.evaluate("scrollTo(0, 1000)");
    ask("http://first.localhost:1/" + "long/".repeat(500));
    BoundingBox link = box(link());
    BoundingBox bar = box(page.locator(".bar"));
    assertThat(link.y).isGreaterThanOrEqualTo(0);
    assertThat(link.x).isGreaterThanOrEqualTo(0);
    assertThat(link.x + link.width).isLessThanOrEqualTo(width);
    assertThat(bar.y).isZero();
    assertThat(link.y + link.height).isLessThanOrEqualTo(bar.y + bar.height);
    assertThat(
            (Boolean)
                page.evaluate(
                    "([x, y]) => document.elementFromPoint(x, y).matches('.open')",
                    List.of(link.x + 5, link.y + 5)))
        .isTrue();
  }

  @Test
  void theLinkIsEnabledAfterASecondWithoutInput() {
    ask(FIRST);
    page.clock().runFor(900);
    question().locator("h2").click();
    page.clock().runFor(900);
    page.keyboard().press("x");
    page.clock().runFor(900);
    assertThat(link()).not().hasAttribute("href", ANY);
    page.mouse().move(300, 300);
    page.mouse().move(400, 300);
    page.clock().runFor(200);
    assertThat(link()).hasAttribute("href", FIRST);
    question().locator("h2").click();
    assertThat(link()).not().hasAttribute("href", ANY);
  }

  @Test
  void aPressBegunTooEarlyNeverOpensTheLink() {
    ask(FIRST);
    BoundingBox link = box(link());
    page.mouse().move(link.x + 10, link.y + 10);
    page.mouse().down();
    page.clock().runFor(5000);
    assertThat(link()).not().hasAttribute("href", ANY);
    page.mouse().up();
    page.clock().runFor(900);
    page.mouse().click(link.x + 10, link.y + 10, new Mouse.ClickOptions().setClickCount(2));
    page.clock().runFor(900);
    assertThat(link()).not().hasAttribute("href", ANY);
    assertThat(context.pages()).hasSize(1);
    page.clock().runFor(200);
    context.waitForPage(() -> page.mouse().click(link.x + 10, link.y + 10));
    assertThat(question()).isHidden();
  }

  @Test
  void theKeyboardReachesTheLinkAndOpensItAfterASecond() {
    ask(FIRST);
    assertThat(question().getByText("Stay here")).isFocused();
    page.keyboard().press("Tab");
    assertThat(link()).isFocused();
    page.keyboard().press("Enter");
    page.clock().runFor(1100);
    assertThat(context.pages()).hasSize(1);
    context.waitForPage(() -> page.keyboard().press("Enter"));
  }

  @Test
  void dialogsAreSuppressedAfterARefusalUntilReenabled() {
    askWithoutEnd();
    for (int silence : List.of(10_000, 60_000)) {
      press();
      page.clock().runFor(100);
      question().getByText("Stay here").click();
      assertThat(question()).isHidden();
      press();
      page.clock().runFor(500);
      assertThat(page.getByText("Ask about links again")).isVisible();
      assertThat(question()).isHidden();
      page.clock().fastForward(silence - 1000L);
      press();
      page.clock().runFor(100);
      assertThat(question()).isHidden();
      page.clock().fastForward(1000);
    }
    press();
    page.clock().runFor(100);
    question().getByText("Stay here").click();
    page.clock().fastForward(86_400_000L);
    press();
    page.clock().runFor(100);
    assertThat(question()).isHidden();
    page.getByText("Ask about links again").click();
    page.clock().runFor(100);
    assertThat(question()).isVisible();
    assertThat(page.getByText("Ask about links again")).isHidden();
  }

  @Test
  void theLinkDialogOffersAWayOutOfTheApp() {
    askWithoutEnd();
    press();
    page.clock().runFor(100);
    question().getByText("Leave this app").click();
    page.waitForURL(url -> !url.contains("/a/pages"));
  }

  @Test
  void aFloodOfMessagesIsReadInPartAndLeavesThePageUsable() {
    page.clock().resume();
    app()
        .evaluate(
            """
            () => {
              const title = "x".repeat(1000);
              setInterval(() => {
                for (let i = 0; i < 20; i++) {
                  parent.postMessage({ dropserver: 1, title: i + title }, "*");
                }
              }, 10);
            }
            """);
    page.evaluate(
        """
        () => {
          globalThis.read = 0;
          const { get } = Object.getOwnPropertyDescriptor(MessageEvent.prototype, "data");
          Object.defineProperty(MessageEvent.prototype, "data", {
            get() {
              globalThis.read++;
              return get.call(this);
            },
          });
        }
        """);
    long start = System.nanoTime();
    page.waitForCondition(() -> number("read") > 0);
    page.waitForTimeout(1500);
    int read = number("read");
    double steps = (System.nanoTime() - start) / 200e6;
    // Two scripts receive each message.
    assertThat((double) read).isLessThan((steps + 2) * 3 * 50);
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Dropserver")).click();
    page.waitForURL(url -> !url.contains("/a/pages"));
  }

  @Test
  void theLastMessageCountsEvenIfEarlierOnesAreDropped() {
    page.clock().resume();
    app()
        .evaluate(
            """
            () => {
              for (let i = 0; i < 90; i++) history.pushState(null, "", "/step-" + i);
            }
            """);
    assertThat(page).hasURL(instance.shell("/a/pages/step-89"));
  }

  @Test
  void titlesPathsAndAddressesHaveALongestLength() {
    app()
        .evaluate(
            """
            () => {
              const say = (it) => parent.postMessage({ dropserver: 1, ...it }, "*");
              say({ title: "t".repeat(1_000_000), path: "/" + "p".repeat(4000) });
              const open = "https://first.localhost/" + "q".repeat(8000);
              addEventListener("click", () => say({ open }));
            }
            """);
    press();
    page.clock().runFor(1000);
    assertThat(page).hasTitle("t".repeat(80) + " · pages");
    assertThat(page).hasURL(instance.shell("/a/pages/two"));
    assertThat(question()).isHidden();
  }

  @Test
  void onePressOpensAtMostOneTab() {
    page.clock().resume();
    app()
        .evaluate(
            """
            () => {
              const url = location.origin + "/two";
              const ask = () => parent.postMessage({ dropserver: 1, open: url }, "*");
              addEventListener("click", () => {
                for (let i = 0; i < 20; i++) ask();
                document.title = "Asked";
              });
            }
            """);
    context.waitForPage(this::press);
    assertThat(page).hasTitle("Asked · pages");
    assertThat(context.pages()).hasSize(2);
  }

  /** Makes the app open a link during a click. */
  private void ask(String url) {
    requestAtNextPress(url);
    press();
    assertThat(question()).isVisible();
  }

  /**
   * Requests a link while requests are ignored, and presses the button that then appears. A press
   * lasts as an activation for five seconds, which a loaded machine can exceed, so it is repeated.
   */
  private void endSilence() {
    Locator again = page.getByText("Ask about links again");
    for (int attempt = 0; attempt < 5 && again.isHidden(); attempt++) {
      requestAtNextPress(SECOND);
      press();
      for (int i = 0; i < 20 && again.isHidden(); i++) {
        page.waitForTimeout(50);
      }
    }
    again.click();
  }

  private void requestAtNextPress(String url) {
    app()
        .evaluate(
            """
            (url) => addEventListener(
              "click",
              () => parent.postMessage({ dropserver: 1, open: url }, "*"),
              { once: true })
            """,
            url);
  }

  private void askWithoutEnd() {
    app()
        .evaluate(
            """
            (url) => setInterval(
              () => parent.postMessage({ dropserver: 1, open: url }, "*"), 50)
            """,
            FIRST);
  }

  /** Clicks in the middle of the app. */
  private void press() {
    BoundingBox app = box(page.locator("iframe"));
    page.mouse().click(app.x + app.width / 2, app.y + app.height / 2);
  }

  private int number(String name) {
    return ((Number) page.evaluate(name)).intValue();
  }

  private Frame app() {
    return page.frames().get(1);
  }

  private Locator question() {
    return page.getByRole(AriaRole.DIALOG);
  }

  private Locator link() {
    return question().locator("a").first();
  }

  private static BoundingBox box(Locator locator) {
    return Objects.requireNonNull(locator.boundingBox());
  }
}
