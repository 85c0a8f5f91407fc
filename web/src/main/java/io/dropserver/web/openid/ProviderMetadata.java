package io.dropserver.web.openid;

import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import io.dropserver.base.text.IssuerUrl;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The provider's description of itself (OpenID Connect Discovery 1.0), fetched when it is needed
 * and kept for an hour. Thread-safe.
 */
final class ProviderMetadata {
  static final Duration LIFETIME = Duration.ofHours(1);

  /** After a failure, further log-ins fail at once for this time. */
  static final Duration PAUSE = Duration.ofSeconds(10);

  private final String issuer;
  private final ProviderRequests requests;
  private final InstantSource clock;

  private Instant fetched = Instant.EPOCH; // guarded by this
  private @Nullable OIDCProviderMetadata known; // guarded by this
  private Instant failed = Instant.EPOCH; // guarded by this
  private String failure = ""; // guarded by this

  /**
   * @param clock measures durations and follows no change of the date
   */
  ProviderMetadata(String issuer, ProviderRequests requests, InstantSource clock) {
    this.issuer = issuer;
    this.requests = requests;
    this.clock = clock;
  }

  /** Returns the description. Blocks for at most one exchange; concurrent callers share it. */
  synchronized OIDCProviderMetadata get() throws ProviderException {
    Instant now = clock.instant();
    OIDCProviderMetadata before = known;
    if (before != null && now.isBefore(fetched.plus(LIFETIME))) {
      return before;
    }
    if (now.isBefore(failed.plus(PAUSE))) {
      throw new ProviderException(ProviderException.Cause.UNAVAILABLE, failure);
    }
    try {
      OIDCProviderMetadata newest = fetch();
      known = newest;
      fetched = now;
      return newest;
    } catch (ProviderException e) {
      failed = clock.instant();
      failure = String.valueOf(e.getMessage());
      throw e;
    }
  }

  /** Fetches the description, whatever is known. Changes nothing. */
  OIDCProviderMetadata fetch() throws ProviderException {
    String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
    String body = requests.get(URI.create(base + "/.well-known/openid-configuration"));
    try {
      OIDCProviderMetadata metadata = OIDCProviderMetadata.parse(body);
      if (!metadata.getIssuer().getValue().equals(issuer)) {
        throw unusable("it describes another issuer: " + metadata.getIssuer().getValue());
      }
      require("authorization_endpoint", metadata.getAuthorizationEndpointURI());
      require("token_endpoint", metadata.getTokenEndpointURI());
      require("jwks_uri", metadata.getJWKSetURI());
      if (metadata.getUserInfoEndpointURI() != null) {
        require("userinfo_endpoint", metadata.getUserInfoEndpointURI());
      }
      return metadata;
    } catch (ParseException | RuntimeException e) {
      throw unusable(String.valueOf(e.getMessage()));
    }
  }

  private void require(String name, @Nullable URI endpoint) throws ProviderException {
    if (Optional.ofNullable(endpoint).filter(IssuerUrl::isAllowedEndpoint).isEmpty()) {
      throw unusable("its " + name + " is not an https URL");
    }
  }

  private ProviderException unusable(String why) {
    return new ProviderException(
        ProviderException.Cause.UNAVAILABLE,
        "the description of " + issuer + " cannot be used: " + why);
  }
}
