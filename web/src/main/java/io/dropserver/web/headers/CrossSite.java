package io.dropserver.web.headers;

import java.util.Set;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/**
 * Whether a request comes from the appspace's own pages. Siblings are the same site to a browser,
 * so {@code SameSite} cookies do not tell; {@code Origin} and {@code Sec-Fetch-Site} do. A request
 * with neither comes from no browser: it is anonymous, not an attack.
 */
public final class CrossSite {
  private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");

  private CrossSite() {}

  /**
   * Whether to refuse a request that may change state, and what another site's page loads into
   * itself: no header of ours would let it look at that, but it could tell sizes and times, and say
   * something by asking. To be led here by a link is no attack.
   */
  public static boolean forbids(String method, HttpFields headers, Origin own) {
    return (!SAFE.contains(method) || loadedIntoAPage(headers)) && foreign(headers, own);
  }

  /** Whether a browser says so; one that does not is judged by the method alone. */
  private static boolean loadedIntoAPage(HttpFields headers) {
    @Nullable String mode = headers.get("Sec-Fetch-Mode");
    return mode != null && !mode.equals("navigate");
  }

  /** Whether to refuse a WebSocket handshake: it is a GET, and yet a channel both ways. */
  public static boolean forbidsHandshake(HttpFields headers, Origin own) {
    return foreign(headers, own);
  }

  /**
   * Whether a browser vouches that a request comes from the host's own pages. What changes how
   * somebody logs in demands that, and not only that nothing speaks against it.
   */
  public static boolean comesFrom(HttpFields headers, Origin own) {
    boolean said =
        headers.contains(HttpHeader.ORIGIN) || "same-origin".equals(headers.get("Sec-Fetch-Site"));
    return said && !foreign(headers, own);
  }

  private static boolean foreign(HttpFields headers, Origin own) {
    @Nullable String site = headers.get("Sec-Fetch-Site");
    boolean vouched = "same-origin".equals(site);
    if (site != null && !vouched && !site.equals("none")) {
      return true;
    }
    for (String origin : headers.getValuesList(HttpHeader.ORIGIN)) {
      boolean hidden = origin.equals("null") && vouched; // Referrer-Policy: no-referrer
      if (!hidden && !origin.equalsIgnoreCase(own.toString())) {
        return true;
      }
    }
    return false;
  }
}
