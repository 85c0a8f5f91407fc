package io.dropserver.tests.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext.ClearCookiesOptions;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import io.dropserver.tests.endtoend.LiveInstance;
import java.io.IOException;
import java.nio.file.Path;
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
 * A sibling's page sets cookies for the whole domain. The shell receives them and ignores all of
 * them.
 */
@TestInstance(Lifecycle.PER_CLASS)
@ExtendWith(RetryOnBrowserCrash.class)
class CookieTossingTest {
  private SiblingSites around;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    around = SiblingSites.start(folder);
  }

  @AfterAll
  void stop() {
    around.close();
  }

  @AfterEach
  void closePages() {
    around.closePages();
  }

  /**
   * Returns every spelling that could be mistaken for the session cookie, with the session of
   * another user.
   */
  private static List<String> tossed(String planted) {
    String name = SiblingSites.SESSION;
    String domain = "; Path=/; Domain=" + LiveInstance.DOMAIN;
    return List.of(
        name + "=" + planted + "; Secure" + domain,
        name + "=" + planted + domain,
        name + "=" + planted + "; Path=/account; Secure",
        name.toLowerCase(java.util.Locale.ROOT) + "=" + planted + "; Secure" + domain,
        name.replace("__Host", "__HOST") + "=" + planted + "; Secure" + domain,
        name.replace("__Host", "__Secure") + "=" + planted + "; Secure" + domain,
        "=" + name + "=" + planted + "; Secure" + domain,
        name + domain,
        "\u00a0" + name + "=" + planted + "; Secure" + domain,
        "\u2000" + name + "=" + planted + "; Secure" + domain,
        "dropserver-session=" + planted + domain,
        "$Version=1,%22" + name + "=" + planted + domain,
        "x=1, " + name + "=" + planted + domain);
  }

  private static void toss(Page evil, List<String> cookies) {
    evil.evaluate("(cookies) => cookies.forEach((each) => { document.cookie = each; })", cookies);
  }

  @Test
  void aTossedCookieChangesNoIdentity() {
    String planted = SiblingSites.session(around.loggedIn("bob"));
    Page alice = around.loggedIn("alice");
    toss(around.openEvilPage(alice), tossed(planted));
    assertThat(around.greetedUser(alice)).isEqualTo("Ålice");

    Page stranger = around.newPage();
    stranger.navigate(around.evil("/"));
    toss(stranger, tossed(planted));
    assertThat(around.greetedUser(stranger)).as("a stranger stays one").isEmpty();
  }

  @Test
  void aTossedCookieReachesAnUnprotectedServer() {
    Page person = around.newPage();
    person.navigate(around.evil("/"));
    toss(person, List.of("open=planted; Path=/; Domain=" + LiveInstance.DOMAIN));
    person.navigate(around.openUrl("/tossed"));
    assertThat(around.open.requests).contains("GET /tossed open=planted");
  }

  /** Browsers keep about 180 cookies per site and evict old ones for new ones. */
  @Test
  void anOverflowingCookieJarNeverChangesTheIdentity() {
    String planted = SiblingSites.session(around.loggedIn("bob"));
    Page alice = around.loggedIn("alice");
    Page evil = around.openEvilPage(alice);
    evil.evaluate(
        """
        (domain) => {
          for (let i = 0; i < 400; i++) {
            document.cookie = `c${i}=1; Path=/; Secure; Domain=${domain}`;
          }
        }
        """,
        LiveInstance.DOMAIN);
    toss(evil, tossed(planted));
    assertThat(around.greetedUser(alice)).isIn("", "Ålice");
  }

  /**
   * See docs/internals/security.md: a visitor whose browser has such cookies is locked out until it
   * deletes them.
   */
  @Test
  void anOversizedCookieJarLocksAPersonOutAndGrantsNoAccess() {
    Page alice = around.loggedIn("alice");
    Page evil = around.openEvilPage(alice);
    evil.evaluate(
        """
        (domain) => {
          for (let i = 0; i < 20; i++) {
            document.cookie = `c${i}=${"x".repeat(4000)}; Path=/; Domain=${domain}`;
          }
        }
        """,
        LiveInstance.DOMAIN);
    Response response = alice.navigate(around.instance.shell("/account"));
    assertThat(response.status()).isEqualTo(431);
    assertThat(response.headers()).containsKey("content-security-policy");
    alice.context().clearCookies(new ClearCookiesOptions().setName(Pattern.compile("c\\d+")));
    assertThat(around.greetedUser(alice)).isEqualTo("Ålice");
  }
}
