package io.dropserver.base.text;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Set;

/** Validates the issuers of OpenID Connect providers. Thread-safe. */
public final class IssuerUrl {
  /** What a person can do about an invalid issuer. */
  public static final String REMEDY =
      "write the issuer of the provider's /.well-known/openid-configuration: an https URL without"
          + " query and fragment";

  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  private IssuerUrl() {}

  /**
   * Returns whether a text is an issuer: an https URL, or an http URL of this machine, without
   * credentials, query and fragment (OpenID Connect Core 1.0, section 2).
   */
  public static boolean isValid(String text) {
    try {
      URI uri = new URI(text);
      return isAllowedEndpoint(uri) && uri.getRawQuery() == null;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  /** Returns whether the server may talk to a URL of a provider, and send browsers there. */
  public static boolean isAllowedEndpoint(URI uri) {
    return uri.getHost() != null
        && uri.getRawUserInfo() == null
        && uri.getRawFragment() == null
        && ("https".equals(uri.getScheme())
            || ("http".equals(uri.getScheme()) && LOOPBACK.contains(uri.getHost())));
  }
}
