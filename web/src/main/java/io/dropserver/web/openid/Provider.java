package io.dropserver.web.openid;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.nimbusds.openid.connect.sdk.Nonce;
import com.nimbusds.openid.connect.sdk.Prompt;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import io.dropserver.egress.gateway.GuardedFetch.Answer;
import io.dropserver.schema.host.OpenIdSettings;
import io.dropserver.web.openid.ProviderException.Cause;
import java.net.URI;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * Logs people in at one OpenID Connect provider, with the authorization code flow (OpenID Connect
 * Core 1.0, section 3.1), PKCE (RFC 7636) and the checks of RFC 9700. Thread-safe.
 */
public final class Provider {
  /** The maximum number of log-ins that wait for the provider at the same time. */
  static final int MAX_WAITING = 16;

  /** The tolerated difference between the clocks of a provider and of this server. */
  public static final Duration CLOCK_SKEW = TokenExchange.CLOCK_SKEW;

  private final OpenIdSettings settings;
  private final ProviderRequests requests;
  private final ProviderMetadata metadata;
  private final TokenExchange exchange;
  private final Semaphore waiting = new Semaphore(MAX_WAITING);

  /**
   * @param clock the date, which may jump
   * @param elapsed measures durations and follows no change of the date
   */
  public Provider(
      OpenIdSettings settings,
      ProviderConnection connection,
      InstantSource clock,
      InstantSource elapsed) {
    this.settings = settings;
    this.requests = new ProviderRequests(connection);
    this.metadata = new ProviderMetadata(settings.issuer(), requests, elapsed);
    this.exchange = new TokenExchange(settings, requests, clock, elapsed);
  }

  public String name() {
    return settings.name();
  }

  public String displayName() {
    return settings.displayName();
  }

  public String issuer() {
    return settings.issuer();
  }

  /**
   * Tries what log-ins need: fetches the provider's description and keys, whatever is known, and
   * reads the client's secret. Does not delay log-ins. Blocks for at most two exchanges.
   *
   * @return the provider's clock; empty if it did not send it
   * @throws ProviderException when log-ins fail
   */
  public Optional<Instant> check() throws ProviderException {
    exchange.secret();
    Answer answer = requests.getAnswer(metadata.fetch().getJWKSetURI());
    try {
      if (ProviderKeys.parse(answer.body()).isEmpty()) {
        throw new ProviderException(Cause.UNAVAILABLE, issuer() + " has no keys");
      }
      return answer.time();
    } catch (KeySourceException | ParseException e) {
      throw new ProviderException(
          Cause.UNAVAILABLE, "the keys of " + issuer() + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** Returns the URL of the provider to which the browser is sent. */
  public URI authorizationUrl(LoginAttempt attempt) throws ProviderException {
    OIDCProviderMetadata description = whileWaiting(metadata::get);
    AuthenticationRequest.Builder request =
        new AuthenticationRequest.Builder(
                ResponseType.CODE,
                Scope.parse(settings.scopes()),
                new ClientID(settings.clientId()),
                attempt.redirectUri())
            .endpointURI(description.getAuthorizationEndpointURI())
            .state(new State(attempt.state()))
            .nonce(new Nonce(attempt.nonce()))
            .codeChallenge(new CodeVerifier(attempt.verifier()), CodeChallengeMethod.S256);
    if (attempt.again()) {
      request.prompt(Prompt.Type.LOGIN).maxAge(0);
    }
    return request.build().toURI();
  }

  /**
   * Completes a log-in.
   *
   * @param parameters those that the provider sent through the browser, whose state belongs to the
   *     attempt
   */
  public AuthenticatedAccount complete(LoginAttempt attempt, Map<String, List<String>> parameters)
      throws ProviderException {
    if (parameters.values().stream().anyMatch(values -> values.size() != 1)) {
      throw invalid("a parameter occurs twice (RFC 6749, section 3.1)");
    }
    return whileWaiting(
        () -> {
          OIDCProviderMetadata description = metadata.get();
          checkIssuer(one(parameters, "iss"), description);
          Optional<String> error = one(parameters, "error");
          if (error.isPresent()) {
            throw new ProviderException(
                Cause.DECLINED, "the provider answered " + error.get().replaceAll("[^ -~]", "?"));
          }
          String code = one(parameters, "code").orElse("");
          if (code.isEmpty()) {
            throw invalid("there is no code");
          }
          return exchange.redeem(attempt, code, description);
        });
  }

  /**
   * Checks which provider answered (RFC 9207). Without this check, a malicious provider could pass
   * on the code of another one.
   */
  private void checkIssuer(Optional<String> answered, OIDCProviderMetadata description)
      throws ProviderException {
    if (answered.isEmpty() && description.supportsAuthorizationResponseIssuerParam()) {
      throw invalid("the parameter iss is missing");
    }
    if (answered.isPresent() && !answered.get().equals(settings.issuer())) {
      throw invalid("another provider answered");
    }
  }

  private interface Work<T> {
    T run() throws ProviderException;
  }

  private <T> T whileWaiting(Work<T> work) throws ProviderException {
    if (!waiting.tryAcquire()) {
      throw new ProviderException(
          Cause.UNAVAILABLE, MAX_WAITING + " log-ins are waiting for the provider");
    }
    try {
      return work.run();
    } finally {
      waiting.release();
    }
  }

  private static Optional<String> one(Map<String, List<String>> parameters, String name) {
    return Optional.ofNullable(parameters.get(name)).map(List::getFirst);
  }

  private static ProviderException invalid(String message) {
    return new ProviderException(Cause.INVALID, message);
  }
}
