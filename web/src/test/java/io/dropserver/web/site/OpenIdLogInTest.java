package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.control.Membership;
import io.dropserver.schema.instance.Appspace.AccessMode;
import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import io.dropserver.schema.instance.Group;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.ProviderAccount;
import io.dropserver.state.site.Person;
import io.dropserver.state.site.Site;
import io.dropserver.web.identity.ClaimedGroups;
import io.dropserver.web.openid.FakeProvider;
import io.dropserver.web.openid.Provider;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Log-in at OpenID Connect providers, through the front door. */
class OpenIdLogInTest {
  private static final String ISSUER = "https://id.test";
  private static final String OWN = "Sec-Fetch-Site: same-origin";
  private static final String FOREIGN = "Sec-Fetch-Site: cross-site";
  private static final Location AT = new Location("groups.yaml", 1, 1);

  private final FakeProvider home = new FakeProvider(ISSUER);
  private final FakeProvider evil = new FakeProvider("https://evil.test");
  private volatile Optional<Instant> stopped = Optional.empty();
  private FrontDoorFixture door;

  @BeforeEach
  void open() throws IOException {
    door =
        new FrontDoorFixture(
            FrontDoorLimits.DEFAULT,
            List.of(),
            List.of(
                new Provider(home.settings("home"), home, this::now, this::now),
                new Provider(evil.settings("evil"), evil, this::now, this::now)));
    admitAlice(ProviderAccount.ofSubject(ISSUER, "1234"));
  }

  @AfterEach
  void close() throws IOException {
    door.close();
  }

  /** Returns the time for caches of providers, which a test can stop. */
  private Instant now() {
    return stopped.orElseGet(Instant::now);
  }

  private void admitAlice(ProviderAccount... accounts) {
    door.admit(new Person("alice", "Alice", false, false, List.of(accounts)));
  }

  private URI start(ShellClient browser, String provider, String query) throws IOException {
    RawHttpClient.Answer answer = browser.get("/login/openid/" + provider + query, OWN);
    assertThat(answer.status()).isEqualTo(303);
    return URI.create(answer.header("Location").orElseThrow());
  }

  private static String callback(String provider, Map<String, String> answer) {
    String[] flat =
        answer.entrySet().stream()
            .flatMap(entry -> java.util.stream.Stream.of(entry.getKey(), entry.getValue()))
            .toArray(String[]::new);
    return "/login/openid/" + provider + "/callback?" + ShellClient.form(flat);
  }

  private RawHttpClient.Answer logIn(ShellClient browser, String query) throws IOException {
    Map<String, String> answer = home.authorize(start(browser, "home", query));
    return browser.get(callback("home", answer), FOREIGN);
  }

  private void assertRefused(ShellClient browser, RawHttpClient.Answer answer) {
    assertThat(answer.status()).isEqualTo(403);
    assertThat(browser.session).isEmpty();
  }

  @Test
  void aPersonLogsInAndReturnsToTheRequestedPage() throws IOException {
    ShellClient browser = new ShellClient(door);
    assertThat(browser.get("/login?to=/at/notes/x").body())
        .contains("Log in with Home", "/login/openid/home?to=%2Fat%2Fnotes%2Fx");
    URI url = start(browser, "home", "?to=%2Fat%2Fnotes%2Fx");
    assertThat(url.getRawQuery())
        .as("the provider does not learn the page")
        .contains("redirect_uri=http%3A%2F%2Fhome.localhost")
        .doesNotContain("notes");
    RawHttpClient.Answer answer = browser.get(callback("home", home.authorize(url)), FOREIGN);
    assertThat(answer.status()).isEqualTo(303);
    assertThat(answer.header("Location")).hasValue(browser.origin() + "/at/notes/x");
    assertThat(browser.isLoggedIn()).isTrue();
    assertThat(door.desk().users().getFirst().sessions())
        .singleElement()
        .extracting("method")
        .isEqualTo("openid");
  }

  @Test
  void aVerifiedMailAddressIdentifiesAPersonAndAnUnverifiedOneDoesNot() throws IOException {
    admitAlice(ProviderAccount.ofMail(ISSUER, "alice@home.test"));
    home.idToken = claims -> claims.claim("email_verified", false);
    ShellClient browser = new ShellClient(door);
    RawHttpClient.Answer answer = logIn(browser, "");
    assertRefused(browser, answer);
    assertThat(answer.body()).contains("id of the account: 1234");
    home.idToken = _ -> {};
    assertThat(logIn(browser, "").status()).isEqualTo(303);
    assertThat(browser.isLoggedIn()).isTrue();
  }

  @Test
  void anAccountOfAnotherProviderWithTheSameSubjectAndMailIsNobody() throws IOException {
    admitAlice(
        ProviderAccount.ofSubject(ISSUER, "1234"),
        ProviderAccount.ofMail(ISSUER, "alice@home.test"));
    ShellClient browser = new ShellClient(door);
    Map<String, String> answer = evil.authorize(start(browser, "evil", ""));
    assertRefused(browser, browser.get(callback("evil", answer), FOREIGN));
  }

  @Test
  void anAccountOfTwoUsersIsNobody() throws IOException {
    door.admit(
        new Person(
            "alina", "Alina", false, false, List.of(ProviderAccount.ofSubject(ISSUER, "1234"))));
    ShellClient browser = new ShellClient(door);
    assertRefused(browser, logIn(browser, ""));
  }

  @Test
  void aStateIsValidOnceInOneBrowserForOneProvider() throws IOException {
    ShellClient victim = new ShellClient(door);
    ShellClient attacker = new ShellClient(door);
    Map<String, String> answer = home.authorize(start(attacker, "home", ""));
    assertRefused(victim, victim.get(callback("home", answer), FOREIGN));
    start(victim, "home", "");
    assertRefused(victim, victim.get(callback("home", answer), FOREIGN)); // log-in CSRF
    assertRefused(attacker, attacker.get(callback("evil", answer), FOREIGN)); // mix-up
    Map<String, String> forged = new HashMap<>(answer);
    forged.put("state", answer.getOrDefault("state", "").replaceFirst("^.", "_"));
    assertRefused(attacker, attacker.get(callback("home", forged), FOREIGN));
    forged.put("state", "");
    assertRefused(attacker, attacker.get(callback("home", forged), FOREIGN));
    assertThat(home.count("/token")).isZero();

    assertThat(attacker.get(callback("home", answer), FOREIGN).status()).isEqualTo(303);
    attacker.session = "";
    assertRefused(attacker, attacker.get(callback("home", answer), FOREIGN)); // replay
    assertThat(home.count("/token")).isEqualTo(1);
  }

  @Test
  void aStateExpires() throws IOException {
    ShellClient browser = new ShellClient(door);
    Map<String, String> answer = home.authorize(start(browser, "home", ""));
    door.pass(Duration.ofMinutes(10));
    assertRefused(browser, browser.get(callback("home", answer), FOREIGN));
  }

  @Test
  void aStateExpiresAlthoughTheDateIsSetBack() throws IOException {
    ShellClient browser = new ShellClient(door);
    Map<String, String> answer = home.authorize(start(browser, "home", ""));
    door.jump(Duration.ofDays(-365));
    door.pass(Duration.ofMinutes(10));
    assertRefused(browser, browser.get(callback("home", answer), FOREIGN));
  }

  @Test
  void noOtherPageStartsALogIn() throws IOException {
    ShellClient browser = new ShellClient(door);
    for (String site : List.of("cross-site", "same-site", "none")) {
      RawHttpClient.Answer answer = browser.get("/login/openid/home", "Sec-Fetch-Site: " + site);
      assertThat(answer.header("Location")).hasValue(browser.origin() + "/login");
    }
    assertThat(browser.get("/login/openid/home").header("Location"))
        .hasValue(browser.origin() + "/login");
    assertThat(browser.get("/login/openid/unknown", OWN).status()).isEqualTo(404);
    assertThat(browser.post("/login/openid/home/callback").status()).isEqualTo(405);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "//evil.test",
        "https://evil.test/",
        "/\\evil.test",
        "/%09/evil.test\\",
        "javascript:x"
      })
  void aLogInNeverRedirectsToAnotherSite(String to) throws IOException {
    ShellClient browser = new ShellClient(door);
    RawHttpClient.Answer answer = logIn(browser, "?" + ShellClient.form("to", to));
    assertThat(answer.header("Location").orElseThrow()).startsWith(browser.origin() + "/");
    assertThat(URI.create(answer.header("Location").get()).getHost()).isEqualTo("home.localhost");
  }

  @Test
  void aSessionOfTheProviderIsNoFreshLogIn() throws IOException {
    home.idToken =
        claims -> claims.claim("auth_time", Instant.now().minusSeconds(3600).getEpochSecond());
    ShellClient browser = new ShellClient(door);
    assertThat(logIn(browser, "").status()).isEqualTo(303);
    String again = browser.origin() + "/login?again=1&to=/account";
    assertThat(browser.post("/account/password", "password", "correct horse battery"))
        .satisfies(answer -> assertThat(answer.header("Location")).hasValue(again));
    assertThat(logIn(browser, "?again=1").status()).as("auth_time is too old").isEqualTo(403);
    home.idToken = _ -> {};
    assertThat(logIn(browser, "?again=1").status()).isEqualTo(303);
    assertThat(browser.post("/account/password", "password", "correct horse battery"))
        .satisfies(
            answer ->
                assertThat(answer.header("Location")).hasValue(browser.origin() + "/account"));
  }

  @Test
  void aSessionEndsWhenItsAccountIsRemovedFromGit() throws IOException {
    ShellClient browser = new ShellClient(door);
    logIn(browser, "");
    admitAlice(ProviderAccount.ofMail(ISSUER, "other@home.test"));
    assertThat(browser.isLoggedIn()).isFalse();
    admitAlice(ProviderAccount.ofSubject(ISSUER, "1234"));
    assertThat(browser.isLoggedIn()).isFalse();
  }

  @Test
  void aProviderThatIsDownLocksNoOneOut() throws IOException {
    ShellClient enrolled = ShellClient.loggedIn(door, "alice");
    enrolled.post("/account/password", "password", "correct horse battery");
    stopped = Optional.of(Instant.now());
    home.fault =
        _ -> {
          throw new IllegalStateException("connection refused");
        };
    ShellClient browser = new ShellClient(door);
    RawHttpClient.Answer answer = browser.get("/login/openid/home", OWN);
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.body()).contains("Home cannot be reached", "Log in with a passkey");
    for (int i = 0; i < 40; i++) {
      assertThat(browser.get("/login/openid/home", OWN).status()).isEqualTo(503);
    }
    assertThat(home.count("/.well-known/openid-configuration")).isEqualTo(1);
    browser.post("/login", "name", "alice", "password", "correct horse battery");
    assertThat(browser.isLoggedIn()).isTrue();
  }

  @Test
  void guessedCodesAreSlowedDownWithoutDelayingPasswords() throws IOException {
    ShellClient enrolled = ShellClient.loggedIn(door, "alice");
    enrolled.post("/account/password", "password", "correct horse battery");
    ShellClient browser = new ShellClient(door);
    int delayed = 0;
    for (int i = 0; i < 30; i++) {
      Map<String, String> answer = new HashMap<>(home.authorize(start(browser, "home", "")));
      answer.put("code", "guess");
      delayed += browser.get(callback("home", answer), FOREIGN).status() == 429 ? 1 : 0;
    }
    assertThat(delayed).isGreaterThan(5);
    assertThat(home.count("/token")).isLessThan(25);
    browser.post("/login", "name", "alice", "password", "correct horse battery");
    assertThat(browser.isLoggedIn()).isTrue();
  }

  private void declareFamily(Group.Claim... claims) {
    door.group(new Group("family", AT, List.of(new Group.Member(AT, "bob")), List.of(claims)));
    Site site =
        Sites.site(
            "garden",
            "garden." + FrontDoorFixture.DOMAIN,
            AccessMode.MEMBERS,
            List.of(),
            BrowserPolicy.STRICT,
            Duration.ofSeconds(10),
            new Site.Serving());
    door.declare(Sites.withGroups(site, Map.of("family", Set.of("view"))));
  }

  private boolean mayEnter(ShellClient browser) throws IOException {
    return browser.get("/").body().contains("garden");
  }

  @Test
  void aClaimMakesItsUserAMemberForAnHour() throws IOException {
    declareFamily(new Group.Claim(ISSUER, "family"));
    ShellClient browser = new ShellClient(door);
    logIn(browser, "");
    assertThat(mayEnter(browser)).isTrue();
    assertThat(browser.get("/account").body()).contains("from the claim of", ISSUER);
    assertThat(door.desk().users().getFirst().groups())
        .singleElement()
        .satisfies(
            membership -> {
              assertThat(membership.issuer()).hasValue(ISSUER);
              assertThat(membership.until()).isPresent();
            });
    assertThat(door.claimedGroups.memberships())
        .extracting(Membership::user)
        .containsExactly("alice", "bob");
    door.pass(ClaimedGroups.LIFETIME.minusSeconds(1));
    assertThat(door.claimedGroups.expire()).isFalse();
    door.pass(Duration.ofSeconds(1));
    assertThat(door.claimedGroups.expire()).isTrue();
    door.publish();
    assertThat(browser.isLoggedIn()).isTrue();
    assertThat(mayEnter(browser)).isFalse();
  }

  @Test
  void aClaimOfALaterDateEndsWhenTheDateIsCorrected() throws IOException {
    declareFamily(new Group.Claim(ISSUER, "family"));
    ShellClient browser = new ShellClient(door);
    logIn(browser, "");
    assertThat(mayEnter(browser)).isTrue();
    door.jump(Duration.ofMinutes(-50));
    assertThat(door.claimedGroups.expire()).as("a small correction").isFalse();
    door.jump(Duration.ofDays(-365));
    door.publish();
    assertThat(mayEnter(browser)).isFalse();
    assertThat(door.claimedGroups.expire()).isTrue();
  }

  @Test
  void aClaimEndsWithThePushThatRemovesItAndWithALogInWithoutIt() throws IOException {
    declareFamily(new Group.Claim(ISSUER, "family"));
    ShellClient browser = new ShellClient(door);
    logIn(browser, "");
    declareFamily();
    assertThat(mayEnter(browser)).isFalse();
    declareFamily(new Group.Claim(ISSUER, "family"));
    assertThat(mayEnter(browser)).isTrue();
    home.idToken = claims -> claims.claim("groups", List.of("others"));
    logIn(browser, "");
    assertThat(mayEnter(browser)).isFalse();
  }

  @Test
  void aProviderFillsOnlyGroupsThatNameIt() throws IOException {
    declareFamily(new Group.Claim("https://evil.test", "family"));
    ShellClient browser = new ShellClient(door);
    logIn(browser, "");
    assertThat(browser.isLoggedIn()).isTrue();
    assertThat(mayEnter(browser)).isFalse();
  }
}
