package io.dropserver.tests.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.APIRequestContext;
import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.FormData;
import com.microsoft.playwright.options.RequestOptions;
import io.dropserver.tests.endtoend.LiveInstance;
import io.dropserver.tests.endtoend.MembersApp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** People log in at certified OpenID Connect providers, in a real browser. */
@TestInstance(Lifecycle.PER_CLASS)
@ExtendWith(RetryOnBrowserCrash.class)
class OpenIdInChromiumTest {
  private static final String HOME = "/login/openid/home/callback";
  private static final String OTHER = "/login/openid/other/callback";

  private LiveInstance instance;
  private OpenIdProvider home;
  private OpenIdProvider other;
  private Chromium chromium;
  private String issuer = "";
  private final List<BrowserContext> contexts = new ArrayList<>();

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    int homePort = LiveInstance.freePort();
    int otherPort = LiveInstance.freePort();
    issuer = "http://127.0.0.1:" + homePort;
    Path config = configuration(folder, otherPort, LiveInstance.freePort());
    instance =
        MembersApp.create(
            Files.createDirectory(folder.resolve("instance")), "--config", config.toString());
    declareAccounts();
    home = new OpenIdProvider(homePort, instance.shell(HOME));
    other = new OpenIdProvider(otherPort, instance.shell(OTHER));
    instance.startServing();
    chromium = Chromium.start();
  }

  private Path configuration(Path folder, int otherPort, int closedPort) throws IOException {
    Path secret = Files.writeString(folder.resolve("secret"), OpenIdProvider.SECRET);
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    String provider =
        """
          %1$s: {displayName: %1$s, issuer: "http://127.0.0.1:%2$d", clientId: dropserver, clientSecretFile: secret, scopes: [email, groups], groupsClaim: groups}
        """;
    return Files.writeString(
        folder.resolve("dropserver.yaml"),
        "egress: {open: [127.0.0.1/32]}\nopenid:\n"
            + provider.formatted("home", Integer.parseInt(issuer.replaceFirst(".*:", "")))
            + provider.formatted("other", otherPort)
            + provider.formatted("down", closedPort));
  }

  private void declareAccounts() throws IOException {
    String account = "%1$s, accounts: [{issuer: \"" + issuer + "\", %2$s}],";
    instance
        .repository()
        .replace(
            "instance.yaml",
            "displayName: Bob,",
            account.formatted("displayName: Bob", "mail: bob@home.test"))
        .replace(
            "instance.yaml",
            "displayName: Carol,",
            account.formatted("displayName: Carol", "subject: carol"))
        .write(
            "groups/family.yaml",
            """
            apiVersion: dropserver.io/v1
            kind: Group
            metadata: {name: family}
            spec: {claims: [{issuer: "%s", value: family}]}
            """
                .formatted(issuer))
        .write(
            "appspaces/notes.yaml",
            MembersApp.appspace("members: [{group: family, permissions: [write]}]"))
        .push("Log in at providers");
  }

  @AfterAll
  void stop() {
    chromium.close();
    instance.close();
    home.close();
    other.close();
  }

  @AfterEach
  void closePages() {
    contexts.forEach(BrowserContext::close);
    contexts.clear();
  }

  private Page newPage() {
    BrowserContext context = chromium.browser().newContext();
    contexts.add(context);
    return context.newPage();
  }

  private static void choose(Page page, String provider) {
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Log in with " + provider))
        .click();
  }

  private static void press(Page page, String name) {
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true))
        .click();
  }

  /** Enters a name and any password at the provider. */
  private static void enter(Page page, String name) {
    page.locator("input[name=login]").fill(name);
    page.locator("input[name=password]").fill("any");
    page.locator("button[type=submit]").click();
  }

  private void logIn(Page page, String name) {
    page.navigate(instance.shell("/login"));
    choose(page, "home");
    enter(page, name);
    press(page, "Continue");
  }

  private static void assertRefused(Page page, String problem) {
    assertThat(page.locator("p.note.bad[role=alert]:visible")).containsText(problem);
  }

  @Test
  void aMemberByAClaimReturnsToTheRequestedPage() {
    Page page = newPage();
    page.navigate(instance.url("notes", "/deep/page?x=1"));
    assertThat(page).hasURL(Pattern.compile("/login\\?to="));
    choose(page, "home");
    enter(page, "carol");
    press(page, "Continue");
    assertThat(page).hasURL(instance.shell("/a/notes/deep/page?x=1"));
    assertThat(page.frameLocator("iframe.app").getByText("Seen: Carol, may: write")).isVisible();
    assertThat(instance.object("Group", "family").members())
        .anySatisfy(
            member -> {
              assertThat(member.user()).isEqualTo("carol");
              assertThat(member.issuer()).hasValue(issuer);
            });
    page.navigate(instance.shell("/account"));
    assertThat(page.getByText("from the claim of")).isVisible();
  }

  @Test
  void onlyAVerifiedMailAddressIsAUser() {
    Page page = newPage();
    logIn(page, "unverified-bob");
    assertRefused(page, "No user of this server has your account");
    Page bob = newPage();
    logIn(bob, "bob");
    assertThat(bob).hasURL(instance.shell("/"));
    bob.navigate(instance.shell("/account"));
    assertThat(bob.getByText("You log in as bob")).isVisible();
  }

  @Test
  void aCallbackIsUselessInAnotherBrowserAndASecondTime() {
    Page person = newPage();
    person.navigate(instance.shell("/login"));
    choose(person, "home");
    enter(person, "carol");
    String callback = callback(person);
    Page attacker = newPage();
    attacker.navigate(instance.shell("/login"));
    choose(attacker, "home"); // the attacker's browser has a nonce of its own
    attacker.navigate(callback);
    assertRefused(attacker, "started in another browser");
    person.navigate(callback);
    assertThat(person).hasURL(instance.shell("/"));
    press(person, "Log out");
    person.navigate(callback);
    assertThat(person.locator("p.note.bad[role=alert]:visible")).isVisible();
    person.navigate(instance.shell("/account"));
    assertThat(person).hasURL(Pattern.compile("/login"));
  }

  /**
   * The mix-up attack of RFC 9700, section 4.4: the person chooses a malicious provider, which
   * redirects the browser to an honest one, and wants to obtain its code.
   */
  @Test
  void aCodeOfOneProviderNeverReachesAnother() {
    Page page = newPage();
    List<String> requested = new ArrayList<>();
    page.onRequest(request -> requested.add(request.url()));
    page.navigate(instance.shell("/login"));
    choose(page, "other");
    assertThat(page.locator("input[name=login]")).isVisible();
    String authorization =
        requested.stream().filter(url -> url.contains("/auth?")).findFirst().orElseThrow();
    String forwarded = authorization.replaceFirst("http://127.0.0.1:\\d+/", issuer + "/");
    page.navigate(forwarded);
    // The honest provider knows only its own redirect URI.
    assertThat(page.getByText("error: invalid_redirect_uri")).isVisible();
    page.navigate(forwarded.replace("%2Fother%2F", "%2Fhome%2F"));
    enter(page, "carol");
    String callback = callback(page);
    page.navigate(callback);
    assertRefused(page, "This log-in has expired");
    page.navigate(callback.replace(HOME, OTHER));
    assertRefused(page, "The answer of other was not accepted");
  }

  /** Confirms at the provider, and returns the callback's URL without opening it. */
  private static String callback(Page page) {
    assertThat(page.locator("input[name=password]")).isHidden();
    String action = page.locator("form[method=post]").first().getAttribute("action");
    APIRequestContext request = page.context().request();
    String location =
        location(
            request.post(
                action,
                RequestOptions.create()
                    .setMaxRedirects(0)
                    .setForm(FormData.create().set("prompt", "consent"))));
    while (!location.contains("/callback")) {
      location = location(request.get(location, RequestOptions.create().setMaxRedirects(0)));
    }
    return location;
  }

  private static String location(APIResponse response) {
    return Objects.requireNonNull(response.headers().get("location"), response::text);
  }

  @Test
  void aFreshLogInAsksThePersonAgain() {
    Page page = newPage();
    logIn(page, "bob");
    assertThat(page).hasURL(instance.shell("/"));
    page.navigate(instance.shell("/login?again=1&to=/account"));
    choose(page, "home");
    enter(page, "bob");
    assertThat(page).hasURL(instance.shell("/account"));
    assertThat(page.getByText("Log in again to change how you log in")).isHidden();
  }

  @Test
  void aProviderThatIsDownLocksNoOneOut() {
    Page page = newPage();
    page.navigate(instance.enroll("bob"));
    press(page, "Continue");
    VirtualAuthenticator.in(page);
    page.getByLabel(Pattern.compile("^A name for the new passkey")).fill("Pocket");
    press(page, "Create a passkey");
    assertThat(page.getByText("Pocket")).isVisible();
    page.addInitScript("PublicKeyCredential.isConditionalMediationAvailable = async () => false;");
    press(page, "Log out");
    assertThat(page).hasURL(instance.shell("/login"));
    choose(page, "down");
    assertRefused(page, "down cannot be reached. Log in another way");
    assertThat(page.getByLabel("Password")).isVisible();
    press(page, "Log in with a passkey");
    assertThat(page).hasURL(instance.shell("/"));
    page.navigate(instance.shell("/account"));
    assertThat(page.getByText(Pattern.compile("by passkey"))).isVisible();
  }
}
