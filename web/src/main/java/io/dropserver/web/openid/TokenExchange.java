package io.dropserver.web.openid;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.oauth2.sdk.AuthorizationCode;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.auth.ClientAuthentication;
import com.nimbusds.oauth2.sdk.auth.ClientAuthenticationMethod;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.ClientSecretPost;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.oauth2.sdk.token.AccessToken;
import com.nimbusds.openid.connect.sdk.Nonce;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponseParser;
import com.nimbusds.openid.connect.sdk.UserInfoRequest;
import com.nimbusds.openid.connect.sdk.claims.AuthorizedParty;
import com.nimbusds.openid.connect.sdk.claims.IDTokenClaimsSet;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import com.nimbusds.openid.connect.sdk.token.OIDCTokens;
import com.nimbusds.openid.connect.sdk.validators.IDTokenValidator;
import io.dropserver.schema.host.OpenIdSettings;
import io.dropserver.web.openid.ProviderException.Cause;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Redeems codes for ID tokens, and checks them. Thread-safe. */
final class TokenExchange {
  private static final Set<String> MAIL_CLAIMS = Set.of("email", "email_verified");

  /**
   * The accepted signatures. With {@code none} or an HMAC, whose key could be taken for the
   * provider's public key, an attacker could sign.
   */
  private static final Set<JWSAlgorithm> ALGORITHMS =
      Set.of(
          JWSAlgorithm.RS256,
          JWSAlgorithm.RS384,
          JWSAlgorithm.RS512,
          JWSAlgorithm.PS256,
          JWSAlgorithm.PS384,
          JWSAlgorithm.PS512,
          JWSAlgorithm.ES256,
          JWSAlgorithm.ES384,
          JWSAlgorithm.ES512);

  /** The tolerated difference between the clocks of the provider and of this server. */
  static final Duration CLOCK_SKEW = Duration.ofSeconds(60);

  private final OpenIdSettings settings;
  private final ProviderRequests requests;
  private final InstantSource clock;
  private final ProviderKeys keys;

  TokenExchange(
      OpenIdSettings settings,
      ProviderRequests requests,
      InstantSource clock,
      InstantSource elapsed) {
    this.settings = settings;
    this.requests = requests;
    this.clock = clock;
    this.keys = new ProviderKeys(requests, elapsed);
  }

  AuthenticatedAccount redeem(LoginAttempt attempt, String code, OIDCProviderMetadata description)
      throws ProviderException {
    OIDCTokens tokens = tokens(attempt, code, description);
    IDTokenClaimsSet idToken = verify(tokens, attempt, description);
    Optional<Instant> authenticated =
        Optional.ofNullable(idToken.getAuthenticationTime()).map(Date::toInstant);
    checkAuthenticationTime(authenticated, attempt);
    String subject = idToken.getSubject().getValue();
    Map<String, Object> claims = new HashMap<>(idToken.toJSONObject());
    if (needsUserInfo(claims) && description.getUserInfoEndpointURI() != null) {
      Map<String, Object> further =
          new HashMap<>(userInfo(tokens.getAccessToken(), description, subject));
      if (!Collections.disjoint(claims.keySet(), MAIL_CLAIMS)) {
        // The address of one document and the proof of the other must not be combined.
        further.keySet().removeAll(MAIL_CLAIMS);
      }
      further.forEach(claims::putIfAbsent); // the signed token has precedence
    }
    return AccountClaims.read(settings, subject, claims, authenticated);
  }

  private OIDCTokens tokens(LoginAttempt attempt, String code, OIDCProviderMetadata description)
      throws ProviderException {
    AuthorizationCodeGrant grant =
        new AuthorizationCodeGrant(
            new AuthorizationCode(code),
            attempt.redirectUri(),
            new CodeVerifier(attempt.verifier()));
    ClientID client = new ClientID(settings.clientId());
    Optional<ClientAuthentication> secret = authentication(client, description);
    TokenRequest request =
        secret
            .map(it -> new TokenRequest.Builder(description.getTokenEndpointURI(), it, grant))
            .orElseGet(
                () -> new TokenRequest.Builder(description.getTokenEndpointURI(), client, grant))
            .build();
    HTTPResponse answer = requests.send(request.toHTTPRequest());
    if (answer.getStatusCode() >= 500) {
      throw new ProviderException(
          Cause.UNAVAILABLE, "the token endpoint answered with status " + answer.getStatusCode());
    }
    try {
      TokenResponse response = OIDCTokenResponseParser.parse(answer);
      if (!response.indicatesSuccess()) {
        throw invalid(
            "the provider refused the code: " + response.toErrorResponse().getErrorObject());
      }
      OIDCTokens tokens = response.toSuccessResponse().getTokens().toOIDCTokens();
      if (Optional.ofNullable(tokens.getIDToken()).isEmpty()) {
        throw invalid("the answer of the token endpoint has no ID token");
      }
      return tokens;
    } catch (ParseException | RuntimeException e) {
      throw invalid("the answer of the token endpoint cannot be read: " + e.getMessage());
    }
  }

  private Optional<ClientAuthentication> authentication(
      ClientID client, OIDCProviderMetadata description) throws ProviderException {
    Optional<Secret> secret = secret();
    // Without a statement of the provider, client_secret_basic applies (Discovery, section 3).
    List<ClientAuthenticationMethod> methods =
        Optional.ofNullable(description.getTokenEndpointAuthMethods()).orElse(List.of());
    boolean post =
        methods.contains(ClientAuthenticationMethod.CLIENT_SECRET_POST)
            && !methods.contains(ClientAuthenticationMethod.CLIENT_SECRET_BASIC);
    return secret.map(
        it -> post ? new ClientSecretPost(client, it) : new ClientSecretBasic(client, it));
  }

  /** Reads the client's secret. Empty for a public client. */
  Optional<Secret> secret() throws ProviderException {
    if (settings.clientSecretFile().isEmpty()) {
      return Optional.empty();
    }
    Path file = settings.clientSecretFile().get();
    String secret;
    try {
      secret = Files.readString(file).strip();
    } catch (IOException e) {
      throw new ProviderException(Cause.UNAVAILABLE, "cannot read " + file, e);
    }
    if (secret.isEmpty()) {
      throw new ProviderException(Cause.UNAVAILABLE, file + " is empty");
    }
    return Optional.of(new Secret(secret));
  }

  /** Checks signature, issuer, audience, times and nonce (Core 1.0, section 3.1.3.7). */
  private IDTokenClaimsSet verify(
      OIDCTokens tokens, LoginAttempt attempt, OIDCProviderMetadata description)
      throws ProviderException {
    IDTokenValidator validator =
        new IDTokenValidator(
            new Issuer(settings.issuer()),
            new ClientID(settings.clientId()),
            new JWSVerificationKeySelector<>(ALGORITHMS, keys.at(description.getJWKSetURI())),
            null);
    validator.setMaxClockSkew((int) CLOCK_SKEW.toSeconds());
    try {
      IDTokenClaimsSet claims = validator.validate(tokens.getIDToken(), new Nonce(attempt.nonce()));
      AuthorizedParty issuedTo = claims.getAuthorizedParty();
      boolean forOthers = claims.getAudience().size() > 1 || issuedTo != null;
      if (forOthers && (issuedTo == null || !issuedTo.getValue().equals(settings.clientId()))) {
        throw invalid("the ID token was issued to another client (azp)");
      }
      return claims;
    } catch (KeySourceException e) {
      throw new ProviderException(Cause.UNAVAILABLE, String.valueOf(e.getMessage()), e);
    } catch (BadJOSEException | JOSEException e) {
      throw new ProviderException(
          Cause.INVALID, "the ID token is not accepted: " + e.getMessage(), e);
    }
  }

  private void checkAuthenticationTime(Optional<Instant> authenticated, LoginAttempt attempt)
      throws ProviderException {
    if (authenticated.filter(clock.instant().plus(CLOCK_SKEW)::isBefore).isPresent()) {
      throw invalid("auth_time is in the future");
    }
    boolean recent =
        authenticated.filter(attempt.started().minus(CLOCK_SKEW)::isBefore).isPresent();
    if (attempt.again() && !recent) {
      throw invalid("the provider did not ask the person to log in again (auth_time)");
    }
  }

  private boolean needsUserInfo(Map<String, Object> claims) {
    return !claims.containsKey("email")
        || settings.groupsClaim().filter(name -> !claims.containsKey(name)).isPresent();
  }

  private Map<String, Object> userInfo(
      @Nullable AccessToken token, OIDCProviderMetadata description, String subject)
      throws ProviderException {
    HTTPResponse answer =
        requests.send(
            new UserInfoRequest(description.getUserInfoEndpointURI(), token).toHTTPRequest());
    try {
      if (answer.getStatusCode() != 200) {
        throw invalid("the userinfo endpoint answered with status " + answer.getStatusCode());
      }
      Map<String, Object> claims = answer.getBodyAsJSONObject();
      // Without this check, claims of another account could be substituted (section 5.3.2).
      if (!subject.equals(claims.get("sub"))) {
        throw invalid("the userinfo endpoint described another account");
      }
      return claims;
    } catch (ParseException | RuntimeException e) {
      throw invalid("the answer of the userinfo endpoint cannot be read: " + e.getMessage());
    }
  }

  private static ProviderException invalid(String message) {
    return new ProviderException(Cause.INVALID, message);
  }
}
