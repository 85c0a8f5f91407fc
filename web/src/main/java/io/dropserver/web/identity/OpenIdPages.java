package io.dropserver.web.identity;

import com.nimbusds.oauth2.sdk.util.URLUtils;
import io.dropserver.base.budget.Budget;
import io.dropserver.schema.instance.ProviderAccount;
import io.dropserver.state.site.Person;
import io.dropserver.web.client.ClientKey;
import io.dropserver.web.openid.AuthenticatedAccount;
import io.dropserver.web.openid.LoginAttempt;
import io.dropserver.web.openid.Provider;
import io.dropserver.web.openid.ProviderException;
import io.dropserver.web.page.Page;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpHeader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends browsers to OpenID Connect providers, and logs people in when they return. Thread-safe.
 *
 * @param waiting the log-ins of each client that wait for a provider
 */
record OpenIdPages(
    Map<String, Provider> providers,
    LoginForm loginForm,
    LoginStates states,
    SessionStart sessions,
    ClaimedGroups claimedGroups,
    DeclaredPeople people,
    LoginThrottle throttle,
    Budget<String> waiting,
    InstantSource clock) {
  static final String PREFIX = "/login/openid/";

  /** The maximum number of log-ins that wait for providers at the same time, per client. */
  static final int MAX_WAITING_PER_CLIENT = 4;

  static final int MAX_WAITING = 64;
  private static final String CALLBACK = "/callback";
  private static final Logger LOG = LoggerFactory.getLogger(OpenIdPages.class);

  OpenIdPages(
      List<Provider> providers,
      SessionStart sessions,
      ClaimedGroups claimedGroups,
      DeclaredPeople people,
      InstantSource clock,
      InstantSource elapsed) {
    this(
        providers.stream()
            .collect(Collectors.toUnmodifiableMap(Provider::name, Function.identity())),
        new LoginForm(providers),
        new LoginStates(clock, elapsed),
        sessions,
        claimedGroups,
        people,
        new LoginThrottle(elapsed, 20, Duration.ofMinutes(15)),
        new Budget<>(MAX_WAITING, MAX_WAITING_PER_CLIENT),
        clock);
  }

  static boolean isOpenIdPath(String path) {
    return path.startsWith(PREFIX);
  }

  void handle(ShellRequest shellRequest) {
    String rest = shellRequest.path().substring(PREFIX.length());
    boolean returning = rest.endsWith(CALLBACK);
    Provider provider =
        providers.get(returning ? rest.substring(0, rest.length() - CALLBACK.length()) : rest);
    if (provider == null) {
      shellRequest.sendNotice(Page.of(404, "Not found", "This page does not exist."));
    } else if (!shellRequest.request().getMethod().equals("GET")) {
      shellRequest.response().getHeaders().put(HttpHeader.ALLOW, "GET");
      shellRequest.sendNotice(
          Page.of(405, "Not allowed", "Use the buttons of this server's own pages."));
    } else if (!returning && !shellRequest.isFromOwnPage()) {
      // No other page can start a log-in.
      shellRequest.redirect("/login");
    } else {
      withinBounds(shellRequest, provider, returning);
    }
  }

  private void withinBounds(ShellRequest shellRequest, Provider provider, boolean returning) {
    String client = ClientKey.of(shellRequest.client()).name();
    Optional<Budget<String>.Claim> claim = waiting.claim(client, 1);
    if (claim.isEmpty()) {
      refuse(shellRequest, 429, "Too many log-ins at the same time. Try again in some seconds.");
      return;
    }
    try (var _ = claim.get()) {
      if (returning) {
        finish(shellRequest, provider, client);
      } else {
        start(shellRequest, provider);
      }
    }
  }

  private void start(ShellRequest shellRequest, Provider provider) {
    Form query = Form.ofQuery(shellRequest.request());
    String browser =
        FrontDoorCookies.ensureBrowserNonce(shellRequest.request(), shellRequest.response());
    LoginAttempt attempt =
        states.issue(
            redirectUri(shellRequest, provider),
            browser,
            !query.get("again").isEmpty(),
            RedirectTarget.of(query.get("to")));
    try {
      URI url = provider.authorizationUrl(attempt);
      shellRequest.exchange().redirect(303, url.toString());
    } catch (ProviderException e) {
      refuse(shellRequest, provider, e);
    }
  }

  private void finish(ShellRequest shellRequest, Provider provider, String client) {
    Map<String, List<String>> parameters =
        URLUtils.parseParameters(shellRequest.request().getHttpURI().getQuery());
    String state = String.join(" ", parameters.getOrDefault("state", List.of()));
    Optional<LoginStates.Opened> opened =
        FrontDoorCookies.browserNonce(shellRequest.request())
            .flatMap(browser -> states.open(redirectUri(shellRequest, provider), state, browser));
    if (opened.isEmpty()) {
      refuse(
          shellRequest,
          403,
          "This log-in has expired, was used already, or was started in another browser. Try"
              + " again.");
      return;
    }
    Optional<Duration> wait = throttle.attempt(client);
    if (wait.isPresent()) {
      long seconds = wait.get().toSeconds() + 1;
      shellRequest.response().getHeaders().put(HttpHeader.RETRY_AFTER, seconds);
      refuse(shellRequest, 429, "Too many attempts. Try again in " + seconds + " s.");
      return;
    }
    try {
      AuthenticatedAccount account = provider.complete(opened.get().attempt(), parameters);
      if (account.declarations().stream().noneMatch(each -> people.find(each).isPresent())) {
        // Neither remembers the log-in nor forgives the client: anyone can have such accounts.
        refuseUndeclared(shellRequest, provider, account);
        return;
      }
      if (!states.consume(state, account.issuer() + " " + account.subject())) {
        refuse(shellRequest, 403, "This log-in was used already. Try again.");
        return;
      }
      throttle.forgive(client);
      logIn(shellRequest, provider, account, opened.get().to());
    } catch (ProviderException e) {
      refuse(shellRequest, provider, e);
    }
  }

  private void logIn(
      ShellRequest shellRequest, Provider provider, AuthenticatedAccount account, String to) {
    for (ProviderAccount declared : account.declarations()) {
      Optional<Person> person = people.find(declared);
      if (person.isPresent()) {
        claimedGroups.replace(person.get().name(), account.issuer(), account.groups());
        Instant authenticated = account.authenticated().orElse(Instant.EPOCH);
        Instant now = clock.instant();
        sessions.start(
            shellRequest,
            person.get().name(),
            new LoginProof(
                LoginMethod.OPENID,
                Optional.of(declared),
                authenticated.isAfter(now) ? now : authenticated));
        shellRequest.redirect(to);
        return;
      }
    }
    refuseUndeclared(shellRequest, provider, account);
  }

  private void refuseUndeclared(
      ShellRequest shellRequest, Provider provider, AuthenticatedAccount account) {
    LOG.info(
        "log-in at {} refused: no User declares the subject {}{}",
        provider.name(),
        visible(account.subject()),
        account.mail().map(mail -> " or the mail address " + mail).orElse(""));
    refuse(
        shellRequest,
        403,
        "No user of this server has your account at "
            + provider.displayName()
            + ". Give the operator this id of the account: "
            + visible(account.subject()));
  }

  private static String visible(String text) {
    return text.replaceAll("[^!-~]", "?");
  }

  private static URI redirectUri(ShellRequest shellRequest, Provider provider) {
    return URI.create(shellRequest.shell() + PREFIX + provider.name() + CALLBACK);
  }

  private void refuse(ShellRequest shellRequest, Provider provider, ProviderException problem) {
    LOG.warn("log-in at {} failed: {}", provider.name(), problem.getMessage());
    switch (problem.reason()) {
      case UNAVAILABLE -> {
        shellRequest.response().getHeaders().put(HttpHeader.RETRY_AFTER, 10);
        refuse(
            shellRequest,
            503,
            provider.displayName() + " cannot be reached. Log in another way, or try again.");
      }
      case DECLINED ->
          refuse(shellRequest, 403, provider.displayName() + " did not log you in. Try again.");
      case INVALID ->
          refuse(
              shellRequest,
              403,
              "The answer of " + provider.displayName() + " was not accepted. Try again.");
    }
  }

  private void refuse(ShellRequest shellRequest, int status, String problem) {
    sessions.recordFailure(shellRequest, LoginMethod.OPENID, Optional.empty());
    loginForm.send(shellRequest, status, new LoginForm.View("", "/", false, problem));
  }
}
