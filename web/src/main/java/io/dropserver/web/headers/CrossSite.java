package io.dropserver.web.headers;

import java.util.Set;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/**
 * Checks whether a request comes from the appspace's own pages. Sibling hosts are the same site to
 * a browser, so {@code SameSite} cookies cannot tell; {@code Origin} and {@code Sec-Fetch-Site}
 * can. A request with neither header does not come from a browser: it is anonymous, and not an
 * attack.
 */
public final class CrossSite {
  private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");

  private CrossSite() {}

  /**
   * Whether to refuse a request: one from a foreign page that may change state, or one that a
   * foreign page loads as a subresource. That page could not read the response, but it could
   * measure its size and timing, and send information with the request. Following a link to this
   * host is allowed.
   */
  public static boolean forbids(String method, HttpFields headers, Origin own) {
    return (!SAFE.contains(method) || isSubresource(headers)) && isForeign(headers, own);
  }

  /**
   * Whether the browser declares the request to be a subresource. Requests of browsers that declare
   * nothing are judged by their method alone.
   */
  private static boolean isSubresource(HttpFields headers) {
    @Nullable String mode = headers.get("Sec-Fetch-Mode");
    return mode != null && !mode.equals("navigate");
  }

  /** Whether to refuse a WebSocket handshake, which is a GET but opens a two-way channel. */
  public static boolean forbidsHandshake(HttpFields headers, Origin own) {
    return isForeign(headers, own);
  }

  /**
   * Whether a browser confirms that the request comes from the host's own pages. Changes to a
   * person's credentials require this confirmation; the absence of a contrary header is not enough.
   */
  public static boolean isFromOwnPage(HttpFields headers, Origin own) {
    boolean said =
        headers.contains(HttpHeader.ORIGIN) || "same-origin".equals(headers.get("Sec-Fetch-Site"));
    return said && !isForeign(headers, own);
  }

  private static boolean isForeign(HttpFields headers, Origin own) {
    @Nullable String site = headers.get("Sec-Fetch-Site");
    boolean vouched = "same-origin".equals(site);
    if (site != null && !vouched && !site.equals("none")) {
      return true;
    }
    for (String origin : headers.getValuesList(HttpHeader.ORIGIN)) {
      boolean hidden = origin.equals("null") && vouched; // sent under Referrer-Policy: no-referrer
      if (!hidden && !origin.equalsIgnoreCase(own.toString())) {
        return true;
      }
    }
    return false;
  }
}
