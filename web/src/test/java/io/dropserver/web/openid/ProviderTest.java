package io.dropserver.web.openid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.nimbusds.jwt.JWTClaimsSet;
import io.dropserver.base.text.Sha256;
import io.dropserver.schema.host.OpenIdSettings;
import io.dropserver.schema.instance.ProviderAccount;
import io.dropserver.web.openid.ProviderException.Cause;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The checks of a provider's answers. */
class ProviderTest {
  private static final String ISSUER = "https://id.test/realm";

  private final FakeProvider fake = new FakeProvider(ISSUER);
  private Instant now = Instant.now();
  private Duration jumped = Duration.ZERO;
  private final Provider provider =
      new Provider(fake.settings("home"), fake, () -> now.plus(jumped), () -> now);

  private static LoginAttempt attempt(boolean again) {
    String secret = Base64.getUrlEncoder().withoutPadding().encodeToString(Sha256.of("verifier"));
    return new LoginAttempt(
        URI.create("https://home.test/login/openid/home/callback"),
        "state",
        secret,
        "nonce-of-this-attempt",
        again,
        Instant.now());
  }

  private static Map<String, List<String>> listed(Map<String, String> answer) {
    Map<String, List<String>> parameters = new HashMap<>();
    answer.forEach((name, value) -> parameters.put(name, List.of(value)));
    return parameters;
  }

  private AuthenticatedAccount logIn() throws ProviderException {
    return logIn(provider, attempt(false));
  }

  private AuthenticatedAccount logIn(Provider at, LoginAttempt attempt) throws ProviderException {
    return at.complete(attempt, listed(fake.authorize(at.authorizationUrl(attempt))));
  }

  private void assertRefused(Cause cause, String message) {
    ProviderException problem = catchThrowableOfType(ProviderException.class, this::logIn);
    assertThat(problem).isNotNull().hasMessageContaining(message);
    assertThat(problem.reason()).isEqualTo(cause);
  }

  @Test
  void aCodeBecomesTheAccountOfThePerson() throws ProviderException {
    URI url = provider.authorizationUrl(attempt(false));
    assertThat(url.toString())
        .startsWith(ISSUER + "/auth?")
        .contains(
            "response_type=code",
            "code_challenge_method=S256",
            "nonce=nonce-of-this-attempt",
            "state=state")
        .doesNotContain("prompt", attempt(false).verifier());
    AuthenticatedAccount account = logIn();
    assertThat(account.groups()).containsExactly("family");
    assertThat(account.authenticated()).isEmpty();
    assertThat(account.declarations())
        .containsExactly(
            ProviderAccount.ofSubject(ISSUER, "1234"),
            ProviderAccount.ofMail(ISSUER, "alice@home.test"));
    assertThat(fake.count("/realm/.well-known/openid-configuration")).isEqualTo(1);
  }

  @Test
  void anAnswerOfAnotherProviderIsRefusedBeforeItsCodeIsUsed() throws ProviderException {
    for (Consumer<Map<String, String>> mixUp :
        List.<Consumer<Map<String, String>>>of(
            answer -> answer.put("iss", "https://evil.test"), answer -> answer.remove("iss"))) {
      Map<String, String> answer = fake.authorize(provider.authorizationUrl(attempt(false)));
      mixUp.accept(answer);
      assertThat(
              catchThrowableOfType(
                  ProviderException.class, () -> provider.complete(attempt(false), listed(answer))))
          .isNotNull();
    }
    Map<String, List<String>> twice =
        listed(fake.authorize(provider.authorizationUrl(attempt(false))));
    twice.put("iss", List.of(ISSUER, "https://evil.test"));
    assertThat(
            catchThrowableOfType(
                ProviderException.class, () -> provider.complete(attempt(false), twice)))
        .hasMessageContaining("twice");
    assertThat(fake.count("/realm/token")).isZero();
  }

  @Test
  void aCodeIsRefusedWhenItWasUsedOrBelongsToAnotherAttempt() throws ProviderException {
    Map<String, List<String>> answer =
        listed(fake.authorize(provider.authorizationUrl(attempt(false))));
    LoginAttempt other =
        new LoginAttempt(
            attempt(false).redirectUri(),
            "state",
            "v".repeat(43),
            "nonce-of-this-attempt",
            false,
            Instant.now());
    assertThat(
            catchThrowableOfType(ProviderException.class, () -> provider.complete(other, answer)))
        .as("injected into another attempt (PKCE)")
        .isNotNull();
    Map<String, List<String>> used =
        listed(fake.authorize(provider.authorizationUrl(attempt(false))));
    provider.complete(attempt(false), used);
    assertThat(
            catchThrowableOfType(
                ProviderException.class, () -> provider.complete(attempt(false), used)))
        .as("replayed")
        .isNotNull();
  }

  static Stream<Arguments> forgeries() {
    return Stream.of(
        forgery("audience", claims -> claims.audience("another-client")),
        forgery("audiences", claims -> claims.audience(List.of(FakeProvider.CLIENT, "other"))),
        forgery(
            "audiences with another azp",
            claims -> claims.audience(List.of(FakeProvider.CLIENT, "other")).claim("azp", "other")),
        forgery("another azp", claims -> claims.claim("azp", "other")),
        forgery("issuer", claims -> claims.issuer("https://evil.test")),
        forgery("nonce", claims -> claims.claim("nonce", "of-another-attempt")),
        forgery("no nonce", claims -> claims.claim("nonce", null)),
        forgery(
            "expired", claims -> claims.expirationTime(Date.from(Instant.now().minusSeconds(90)))),
        forgery("no expiry", claims -> claims.expirationTime(null)),
        forgery("no subject", claims -> claims.subject(null)),
        forgery("long subject", claims -> claims.subject("s".repeat(256))),
        forgery(
            "future auth_time",
            claims -> claims.claim("auth_time", Instant.now().plusSeconds(600).getEpochSecond())));
  }

  private static Arguments forgery(String name, Consumer<JWTClaimsSet.Builder> change) {
    return Arguments.of(name, change);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("forgeries")
  void aTokenWithAWrongClaimIsRefused(String name, Consumer<JWTClaimsSet.Builder> change) {
    fake.idToken = change;
    assertRefused(Cause.INVALID, "");
  }

  static Stream<Arguments> signatures() {
    return Stream.of(
        Arguments.of("none", (Forger) _ -> FakeProvider::unsigned),
        Arguments.of("HS256 with the public key", (Forger) fake -> fake::signedWithPublicKey),
        Arguments.of(
            "a key of another provider",
            (Forger) _ -> claims -> FakeProvider.signed(FakeProvider.newKey(), claims)));
  }

  /** Returns a signer that the server must not believe. */
  interface Forger {
    FakeProvider.Signer of(FakeProvider fake);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("signatures")
  void aTokenThatTheProviderDidNotSignIsRefused(String name, Forger forger) {
    fake.signer = forger.of(fake);
    assertRefused(Cause.INVALID, "the ID token is not accepted");
  }

  static Stream<Arguments> tokenAnswers() {
    String encrypted = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAAAAAAAAAAAAAA.AA.AA";
    return Stream.of(
        Arguments.of("no ID token", change(answer -> answer.remove("id_token"))),
        Arguments.of("a null ID token", change(answer -> answer.put("id_token", null))),
        Arguments.of("a number", change(answer -> answer.put("id_token", 7))),
        Arguments.of("a text", change(answer -> answer.put("id_token", "a.b.c"))),
        Arguments.of("an encrypted token", change(answer -> answer.put("id_token", encrypted))),
        Arguments.of("no access token", change(answer -> answer.remove("access_token"))),
        Arguments.of("no type", change(answer -> answer.remove("token_type"))),
        Arguments.of(
            "a type of another protocol", change(answer -> answer.put("token_type", "x"))));
  }

  private static Consumer<Map<String, Object>> change(Consumer<Map<String, Object>> change) {
    return change;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("tokenAnswers")
  void aMalformedTokenAnswerIsRefused(String name, Consumer<Map<String, Object>> change) {
    fake.tokenAnswer = change;
    fake.idToken = claims -> claims.claim("email", null); // so that user info is asked
    assertRefused(Cause.INVALID, "");
  }

  @Test
  void aTokenWithSeveralAudiencesMustBeIssuedToThisClient() throws ProviderException {
    fake.idToken =
        claims ->
            claims
                .audience(List.of("project", FakeProvider.CLIENT))
                .claim("azp", FakeProvider.CLIENT);
    assertThat(logIn().subject()).isEqualTo("1234");
  }

  @Test
  void aNewKeyIsFetchedWhenATokenNamesIt() throws ProviderException {
    logIn();
    now = now.plus(ProviderKeys.SHORTEST_PAUSE);
    fake.rotate();
    logIn();
    assertThat(fake.count("/realm/keys")).isEqualTo(2);
    logIn();
    assertThat(fake.count("/realm/keys")).isEqualTo(2);
  }

  @Test
  void aRemovedKeyIsForgottenWithinAnHour() throws ProviderException {
    logIn();
    var removed = fake.key();
    fake.rotate();
    fake.signer = claims -> FakeProvider.signed(removed, claims);
    now = now.plus(ProviderKeys.LIFETIME);
    assertRefused(Cause.INVALID, "the ID token is not accepted");
  }

  @Test
  void whatWasFetchedAtALaterDateIsFetchedAgain() throws ProviderException {
    jumped = Duration.ofDays(3650);
    logIn();
    jumped = Duration.ZERO;
    now = now.plus(ProviderKeys.SHORTEST_PAUSE);
    fake.rotate();
    assertThat(logIn().subject()).as("with a new key").isEqualTo("1234");
    now = now.plus(ProviderMetadata.LIFETIME);
    logIn();
    assertThat(fake.count("/realm/.well-known/openid-configuration")).isEqualTo(2);
  }

  @Test
  void aProviderThatWasDownAtALaterDateIsAskedAgain() throws ProviderException {
    jumped = Duration.ofDays(3650);
    fake.fault =
        _ -> {
          throw new IllegalStateException("connection refused");
        };
    assertRefused(Cause.UNAVAILABLE, "connection refused");
    fake.fault = _ -> {};
    jumped = Duration.ZERO;
    now = now.plus(ProviderMetadata.PAUSE);
    assertThat(logIn().subject()).isEqualTo("1234");
  }

  @Test
  void tokensWithInventedKeysCauseAFewFetchesOnly() throws ProviderException {
    logIn();
    var invented = FakeProvider.newKey();
    fake.signer = claims -> FakeProvider.signed(invented, claims);
    for (int i = 0; i < 20; i++) {
      assertRefused(Cause.INVALID, "the ID token is not accepted");
      now = now.plusMillis(100);
    }
    assertThat(fake.count("/realm/keys")).isEqualTo(1);
    now = now.plus(ProviderKeys.SHORTEST_PAUSE);
    assertRefused(Cause.INVALID, "the ID token is not accepted");
    assertThat(fake.count("/realm/keys")).isEqualTo(2);
  }

  @Test
  void tooManyKeysAreRefused() {
    fake.description = metadata -> metadata.put("jwks_uri", ISSUER + "/many");
    ProviderConnection many =
        (call, maxBytes, deadline) ->
            call.url().getPath().endsWith("/many")
                ? new io.dropserver.egress.gateway.GuardedFetch.Answer(
                    200,
                    "application/json",
                    "{\"keys\":["
                        + String.join(
                            ",",
                            java.util.Collections.nCopies(
                                ProviderKeys.MAX_KEYS + 1, fake.key().toPublicJWK().toJSONString()))
                        + "]}",
                    Optional.empty())
                : fake.send(call, maxBytes, deadline);
    Provider at = new Provider(fake.settings("home"), many, () -> now.plus(jumped), () -> now);
    assertThat(catchThrowableOfType(ProviderException.class, () -> logIn(at, attempt(false))))
        .hasMessageContaining("more than 100 keys");
  }

  static Stream<Arguments> mails() {
    return Stream.of(
        Arguments.of("alice@home.test", true, "alice@home.test"),
        Arguments.of("Alice@Home.Test", true, "alice@home.test"),
        Arguments.of("alice@home.test", false, ""),
        Arguments.of("alice@home.test", "true", ""),
        Arguments.of("alice@home.test", 1, ""),
        Arguments.of("alice@home.test", null, ""),
        Arguments.of("\u212Aarl@home.test", true, ""),
        Arguments.of("alice@home.test\nbob@home.test", true, ""));
  }

  @ParameterizedTest
  @MethodSource("mails")
  void onlyAVerifiedPlainMailAddressIdentifiesAPerson(String mail, Object verified, String declared)
      throws ProviderException {
    fake.idToken = claims -> claims.claim("email", mail).claim("email_verified", verified);
    assertThat(logIn().declarations())
        .filteredOn(account -> account.key() == ProviderAccount.Key.MAIL)
        .extracting(ProviderAccount::value)
        .isEqualTo(declared.isEmpty() ? List.of() : List.of(declared));
  }

  @Test
  void claimsOfTheUserInfoEndpointCountForItsOwnAccountOnly() throws ProviderException {
    fake.idToken = claims -> claims.claim("email", null).claim("groups", null);
    fake.userInfo = Map.of("sub", "1234", "groups", List.of("admins"));
    assertThat(logIn().groups()).containsExactly("admins");
    fake.userInfo = Map.of("sub", "5678", "groups", List.of("admins"));
    assertRefused(Cause.INVALID, "another account");
    fake.idToken = claims -> claims.claim("email", null).claim("groups", List.of("family"));
    fake.userInfo = Map.of("sub", "1234", "groups", List.of("admins"));
    assertThat(logIn().groups()).as("the signed token has precedence").containsExactly("family");
  }

  @Test
  void tooManyGroupsAreRefused() {
    fake.idToken =
        claims ->
            claims.claim(
                "groups",
                java.util.stream.IntStream.rangeClosed(0, AuthenticatedAccount.MAX_GROUPS)
                    .mapToObj(number -> "g" + number)
                    .toList());
    assertRefused(Cause.INVALID, "more than 500 groups");
  }

  @Test
  void aFreshLogInNeedsARecentAuthTime() throws ProviderException {
    assertThat(provider.authorizationUrl(attempt(true)).toString())
        .contains("prompt=login", "max_age=0");
    assertThat(logIn(provider, attempt(true)).authenticated()).isPresent();
    for (Object old : new Object[] {null, Instant.now().minusSeconds(3600).getEpochSecond()}) {
      fake.idToken = claims -> claims.claim("auth_time", old);
      assertThat(
              catchThrowableOfType(ProviderException.class, () -> logIn(provider, attempt(true))))
          .hasMessageContaining("auth_time");
    }
  }

  @Test
  void aRefusalOfTheProviderIsReported() {
    ProviderException problem =
        catchThrowableOfType(
            ProviderException.class,
            () ->
                provider.complete(
                    attempt(false), listed(Map.of("error", "access_denied\u0007", "iss", ISSUER))));
    assertThat(problem).hasMessage("the provider answered access_denied?");
    assertThat(problem.reason()).isEqualTo(Cause.DECLINED);
  }

  @Test
  void aProviderThatIsDownIsAskedOncePerPause() throws ProviderException {
    fake.fault =
        _ -> {
          throw new IllegalStateException("connection refused");
        };
    for (int i = 0; i < 10; i++) {
      assertRefused(Cause.UNAVAILABLE, "connection refused");
    }
    assertThat(fake.count("/realm/.well-known/openid-configuration")).isEqualTo(1);
    fake.fault = _ -> {};
    now = now.plus(ProviderMetadata.PAUSE);
    assertThat(logIn().subject()).isEqualTo("1234");
  }

  @Test
  void aSlowProviderHoldsABoundedNumberOfLogIns() throws Exception {
    logIn();
    CountDownLatch held = new CountDownLatch(Provider.MAX_WAITING);
    CountDownLatch release = new CountDownLatch(1);
    fake.fault =
        call -> {
          if (call.url().getPath().endsWith("/token")) {
            held.countDown();
            await(release);
          }
        };
    List<Thread> waiting = new ArrayList<>();
    for (int i = 0; i < Provider.MAX_WAITING; i++) {
      waiting.add(
          Thread.startVirtualThread(
              () -> {
                var _ = catchThrowableOfType(ProviderException.class, this::logIn);
              }));
    }
    assertThat(held.await(30, TimeUnit.SECONDS)).isTrue();
    assertRefused(Cause.UNAVAILABLE, "log-ins are waiting");
    release.countDown();
    for (Thread thread : waiting) {
      thread.join();
    }
    assertThat(logIn().subject()).isEqualTo("1234");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static Stream<Arguments> descriptions() {
    return Stream.of(
        Arguments.of("issuer", "https://evil.test"),
        Arguments.of("issuer", ISSUER + "/"),
        Arguments.of("token_endpoint", "http://id.test/token"),
        Arguments.of("jwks_uri", "http://id.test/keys"),
        Arguments.of("authorization_endpoint", "javascript:alert(1)"),
        Arguments.of("userinfo_endpoint", "file:///etc/passwd"),
        Arguments.of("jwks_uri", null));
  }

  @ParameterizedTest
  @MethodSource("descriptions")
  void aDescriptionThatCannotBeTrustedIsNotUsed(String name, Object value) {
    fake.description = metadata -> metadata.put(name, value);
    assertRefused(Cause.UNAVAILABLE, "the description of " + ISSUER + " cannot be used");
  }

  @Test
  void theSecretIsReadForEachLogInAndSentAsTheProviderWants(@TempDir Path folder)
      throws ProviderException, IOException {
    Path file = Files.writeString(folder.resolve("secret"), "first\n");
    OpenIdSettings open = fake.settings("home");
    OpenIdSettings settings =
        new OpenIdSettings(
            open.name(),
            open.displayName(),
            ISSUER,
            FakeProvider.CLIENT,
            Optional.of(file),
            open.scopes(),
            open.groupsClaim());
    Provider confidential = new Provider(settings, fake, () -> now.plus(jumped), () -> now);
    logIn(confidential, attempt(false));
    Files.writeString(file, "second\n");
    logIn(confidential, attempt(false));
    assertThat(fake.calls("/realm/token"))
        .extracting(call -> call.headers().get("Authorization"))
        .containsExactly(basic("first"), basic("second"));
    fake.description =
        metadata ->
            metadata.put("token_endpoint_auth_methods_supported", List.of("client_secret_post"));
    now = now.plus(Duration.ofHours(1));
    logIn(confidential, attempt(false));
    assertThat(fake.calls("/realm/token").getLast().body()).contains("client_secret=second");
  }

  private static String basic(String secret) {
    return "Basic "
        + Base64.getEncoder()
            .encodeToString((FakeProvider.CLIENT + ":" + secret).getBytes(StandardCharsets.UTF_8));
  }
}
