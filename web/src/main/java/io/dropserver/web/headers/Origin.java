package io.dropserver.web.headers;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;

/**
 * The scheme, host and port of a site, as browsers compare them.
 *
 * @param scheme http or https
 * @param host lower case
 * @param port never -1
 */
public record Origin(String scheme, String host, int port) {

  public static Origin of(String scheme, String host, int port) {
    String lower = scheme.toLowerCase(Locale.ROOT);
    int standard = lower.equals("https") ? 443 : 80;
    return new Origin(lower, host.toLowerCase(Locale.ROOT), port < 0 ? standard : port);
  }

  /**
   * Returns the origin of an absolute HTTP URL; empty for other URLs, for URLs with user
   * information, and for spellings that only browsers accept, such as {@code https:\\host} or
   * {@code http:host}.
   */
  public static Optional<Origin> ofUrl(String url) {
    try {
      URI uri = new URI(url);
      boolean web =
          "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
      if (!web || uri.getHost() == null || uri.getRawUserInfo() != null) {
        return Optional.empty();
      }
      return Optional.of(of(uri.getScheme(), uri.getHost(), uri.getPort()));
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  public Origin withHost(String other) {
    return new Origin(scheme, other, port);
  }

  /** Returns whether the host is below another origin's host. */
  public boolean isBelow(Origin domain) {
    return host.endsWith("." + domain.host);
  }

  public boolean secure() {
    return scheme.equals("https");
  }

  /** Returns the host, and the port unless it is the default, as in the {@code Host} header. */
  public String authority() {
    boolean standard = port == (secure() ? 443 : 80);
    return standard ? host : host + ":" + port;
  }

  /** Returns the origin as browsers serialize it. */
  @Override
  public String toString() {
    return scheme + "://" + authority();
  }
}
