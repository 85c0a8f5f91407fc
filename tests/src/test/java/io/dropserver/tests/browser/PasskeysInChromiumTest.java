package io.dropserver.tests.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
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

/** A user creates a passkey and logs in with it, in a real browser. */
@TestInstance(Lifecycle.PER_CLASS)
@ExtendWith(RetryOnBrowserCrash.class)
class PasskeysInChromiumTest {
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

  private Page newPage(NewContextOptions options) {
    BrowserContext context = chromium.browser().newContext(options);
    contexts.add(context);
    return context.newPage();
  }

  private Page enrolled(String user) {
    Page page = newPage(new NewContextOptions());
    page.navigate(instance.enroll(user));
    press(page, "Continue");
    assertThat(page).hasURL(instance.shell("/account"));
    return page;
  }

  private static void press(Page page, String name) {
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true))
        .click();
  }

  private static void create(Page page, String label) {
    page.getByLabel(Pattern.compile("^A name for the new passkey")).fill(label);
    press(page, "Create a passkey");
  }

  @Test
  void afterALinkAPasskeyReplacesFurtherLinks() {
    Page page = enrolled("alice");
    assertThat(page.getByText("Choose how to log in the next time")).isVisible();
    assertThat(page.getByText("this page needs JavaScript")).isHidden();
    VirtualAuthenticator key = VirtualAuthenticator.in(page);
    create(page, "My laptop");
    assertThat(page.getByText("My laptop")).isVisible();
    assertThat(page.getByText("Choose how to log in the next time")).isHidden();
    assertThat(key.passkeys()).isEqualTo(1);

    create(page, "Again");
    assertThat(page.getByText("This device already has a passkey of yours")).isVisible();
    assertThat(key.passkeys()).isEqualTo(1);

    // The virtual authenticator responds immediately where a passkey is offered. Disable that,
    // because this part tests the button.
    page.addInitScript("PublicKeyCredential.isConditionalMediationAvailable = async () => false;");
    press(page, "Log out");
    assertThat(page).hasURL(instance.shell("/login"));
    page.navigate(instance.url("notes", "/deep?x=1"));
    assertThat(page).hasURL(Pattern.compile("/login\\?to="));
    press(page, "Log in with a passkey");
    assertThat(page).hasURL(instance.shell("/a/notes/deep?x=1"));
    assertThat(page.frameLocator("iframe.app").getByText("Seen: Ålice")).isVisible();
    page.navigate(instance.shell("/account"));
    assertThat(page.getByText(Pattern.compile("by passkey"))).isVisible();
  }

  @Test
  void aPasskeyIsOfferedInTheNameField() {
    Page page = enrolled("bob");
    VirtualAuthenticator.in(page);
    create(page, "Pocket");
    assertThat(page.getByText("Pocket")).isVisible();
    // A person would select the passkey. The virtual authenticator responds as soon as it is
    // offered.
    press(page, "Log out");
    assertThat(page).hasURL(instance.shell("/"));
    page.navigate(instance.shell("/account"));
    assertThat(page.getByText(Pattern.compile("by passkey"))).isVisible();
  }

  @Test
  void aFailedPasskeyCheckIsReportedAndCanBeRetried() {
    Page page = enrolled("carol");
    VirtualAuthenticator key = VirtualAuthenticator.in(page);
    key.setUserVerified(false);
    create(page, "Key");
    assertThat(page.getByText("No passkey was used.")).isVisible();
    assertThat(key.passkeys()).isZero();
    key.setUserVerified(true);
    create(page, "Key");
    assertThat(page.getByText("Created ")).isVisible();
    press(page, "Remove Key");
    assertThat(page.getByText("Created ")).isHidden();
  }

  @Test
  void withoutScriptTheLoginPageOffersOnlyThePassword() {
    Page page = newPage(new NewContextOptions().setJavaScriptEnabled(false));
    page.navigate(instance.shell("/login"));
    assertThat(page.getByText("this page needs JavaScript")).isVisible();
    assertThat(page.getByLabel("Password")).isVisible();
    assertThat(page.getByText("Log in with a passkey", new Page.GetByTextOptions().setExact(true)))
        .isHidden();
  }
}
