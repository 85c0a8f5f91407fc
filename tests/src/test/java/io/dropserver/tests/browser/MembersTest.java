package io.dropserver.tests.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.TimeoutError;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.Cookie;
import io.dropserver.tests.endtoend.LiveInstance;
import io.dropserver.tests.endtoend.MembersApp;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * People log in with a link or a password, and open an appspace that only its members may enter.
 */
@TestInstance(Lifecycle.PER_CLASS)
@ExtendWith(RetryOnBrowserCrash.class)
class MembersTest {
  private static final String PASSWORD = "four plain words here";

  private LiveInstance instance;
  private Chromium chromium;
  private final List<BrowserContext> contexts = new ArrayList<>();

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

  @AfterEach
  void closePages() {
    contexts.forEach(BrowserContext::close);
    contexts.clear();
  }

  /** Returns a page in a new browser profile. */
  private Page newPage() {
    BrowserContext context = chromium.browser().newContext();
    contexts.add(context);
    return context.newPage();
  }

  private Page loggedIn(String user) {
    Page page = newPage();
    page.navigate(instance.enroll(user));
    press(page, "Continue");
    assertThat(page).hasURL(instance.shell("/account"));
    return page;
  }

  private static void press(Page page, String name) {
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true))
        .click();
  }

  private static Locator app(Page page, String text) {
    return page.frameLocator("iframe.app").getByText(text);
  }

  private void setPassword(Page page) {
    page.getByLabel(Pattern.compile("^New password")).fill(PASSWORD);
    press(page, "Set the password");
    assertThat(page).hasURL(instance.shell("/account"));
    assertThat(page.getByText("No password is set.")).isHidden();
  }

  @Test
  void aLinkLogsAMemberInAndTheirAppspaceIdentifiesThem() {
    Page page = loggedIn("alice");
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Home")).click();
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("notes")).click();
    assertThat(page).hasURL(instance.shell("/a/notes/"));
    assertThat(app(page, "Seen: Ålice, may: write")).isVisible();
    app(page, "Next").click();
    assertThat(page).hasURL(instance.shell("/a/notes/next"));
    page.reload();
    assertThat(app(page, "Seen: Ålice, may: write")).isVisible();

    Page bob = loggedIn("bob");
    bob.navigate(instance.url("notes", "/deep/page?x=1"));
    assertThat(bob).hasURL(instance.shell("/a/notes/deep/page?x=1"));
    assertThat(app(bob, "/deep/page?x=1")).isVisible();
    assertThat(app(bob, "Seen: Bob, may:")).isVisible();
  }

  @Test
  void afterTheLogInAVisitorReturnsToTheRequestedPage() {
    setPassword(loggedIn("bob"));
    Page page = newPage();
    page.navigate(instance.url("notes", "/deep/page?x=1&y=a%20b#the-end"));
    assertThat(page).hasURL(Pattern.compile("/login\\?to="));
    page.getByLabel("Name").fill("bob");
    page.getByLabel("Password").fill("not the password of bob");
    press(page, "Log in");
    assertThat(page.getByRole(AriaRole.ALERT)).isVisible();
    page.getByLabel("Password").fill(PASSWORD);
    press(page, "Log in");
    assertThat(page).hasURL(instance.shell("/a/notes/deep/page?x=1&y=a%20b#the-end"));
    try {
      app(page, "Seen: Bob").waitFor();
    } catch (TimeoutError late) {
      if (page.frames().size() > 1) {
        throw late;
      }
      page.reload(); // Playwright lost the frame, see ShellTest#untilFollowed
    }
    assertThat(app(page, "Seen: Bob")).isVisible();
    assertThat(app(page, "Next")).isVisible();
    Object hash = page.frameLocator("iframe.app").locator("h1").evaluate("() => location.hash");
    org.assertj.core.api.Assertions.assertThat(hash).isEqualTo("#the-end");
  }

  @Test
  void aMemberWithoutScriptSeesAPublicAppspaceAsAGuest() throws IOException {
    access("members", "public");
    try {
      Page page = loggedIn("bob");
      page.navigate(instance.shell("/a/notes/deep?x=1"));
      assertThat(app(page, "Seen: Bob")).isVisible();
      BrowserContext plain =
          chromium
              .browser()
              .newContext(
                  new com.microsoft.playwright.Browser.NewContextOptions()
                      .setJavaScriptEnabled(false));
      plain.addCookies(cookiesOfTheShell(page));
      contexts.add(plain);
      Page scriptless = plain.newPage();
      scriptless.navigate(instance.shell("/a/notes/deep?x=1"));
      // Chromium may parse the frame before scripts are disabled there. Its <noscript> is then
      // plain text, and the link is the only way to continue.
      Locator onward = app(scriptless, "Continue as a guest");
      onward.or(app(scriptless, "Seen: nobody")).first().waitFor();
      if (onward.isVisible()) {
        try {
          onward.click(new Locator.ClickOptions().setTimeout(2000));
        } catch (PlaywrightException gone) {
          // The page has already been redirected.
        }
      }
      assertThat(app(scriptless, "Seen: nobody")).isVisible();
      assertThat(app(scriptless, "/deep?x=1")).isVisible();
    } finally {
      access("public", "members");
    }
  }

  private List<Cookie> cookiesOfTheShell(Page page) {
    return page.context().cookies(instance.shell("/"));
  }

  private void access(String before, String after) throws IOException {
    instance
        .repository()
        .replace("appspaces/notes.yaml", "access: " + before, "access: " + after)
        .push("Open the notes to " + after);
    org.assertj.core.api.Assertions.assertThat(instance.sync().served()).isTrue();
  }

  @Test
  void aLogOutEndsTheSessionInEveryTab() {
    Page page = loggedIn("alice");
    page.navigate(instance.shell("/a/notes/"));
    assertThat(app(page, "Seen: Ålice")).isVisible();
    Page other = page.context().newPage();
    other.navigate(instance.shell("/a/notes/"));
    assertThat(app(other, "Seen: Ålice")).isVisible();
    press(page, "Log out");
    assertThat(page).hasURL(instance.shell("/login"));
    app(other, "Next").click();
    assertThat(other).hasURL(Pattern.compile("/login\\?to="));
    page.navigate(instance.shell("/"));
    assertThat(page.getByText("notes")).isHidden();
    page.navigate(instance.shell("/a/notes/"));
    assertThat(page).hasURL(Pattern.compile("/login\\?to="));
  }

  @Test
  void aVisitorWhoIsNotAMemberGetsAnExplanation() {
    Page page = loggedIn("carol");
    page.navigate(instance.shell("/"));
    assertThat(page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("notes")))
        .isHidden();
    page.navigate(instance.url("notes", "/deep"));
    assertThat(page).hasURL(instance.shell("/at/notes/deep"));
    assertThat(page.getByText("This page does not exist, or you may not see it.")).isVisible();
    assertThat(page.locator("iframe")).hasCount(0);
    page.navigate(instance.url("nothing", "/deep"));
    assertThat(page.getByText("This page does not exist, or you may not see it.")).isVisible();
  }

  @Test
  void aUsedLinkDoesNotWorkAgain() {
    Page page = newPage();
    String link = instance.enroll("carol");
    page.navigate(link);
    press(page, "Continue");
    assertThat(page).hasURL(instance.shell("/account"));
    Page again = newPage();
    again.navigate(link);
    assertThat(again.getByText("This link has been used")).isVisible();
  }
}
