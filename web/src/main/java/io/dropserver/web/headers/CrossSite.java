package io.dropserver.web.headers;

import java.util.Set;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/**
 * Detects requests that a browser sends on behalf of another origin (CSRF). For a browser, sibling
 * hosts are the same site, so {@code SameSite} cookies do not suffice; {@code Origin} and {@code
 * Sec-Fetch-Site} do. A request with neither header is accepted, because it does not come from a
 * page in a browser. Thread-safe.
 */
public final class CrossSite {
  private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");

  private CrossSite() {}

  /**
   * Returns whether to refuse a request from a page of another origin. A navigation with a safe
   * method is allowed. A request with another method may change state. A subresource request would
   * let that page measure the response's size and timing, and send information.
   */
  public static boolean forbids(String method, HttpFields headers, Origin own) {
    return (!SAFE.contains(method) || isSubresource(headers)) && isForeign(headers, own);
  }

  /**
   * Returns whether {@code Sec-Fetch-Mode} declares a subresource request. Without this header,
   * only the method counts.
   */
  private static boolean isSubresource(HttpFields headers) {
    @Nullable String mode = headers.get("Sec-Fetch-Mode");
    return mode != null && !mode.equals("navigate");
  }

  /**
   * Returns whether to refuse a WebSocket handshake from a page of another origin. A handshake is a
   * GET, but opens a bidirectional channel.
   */
  public static boolean forbidsHandshake(HttpFields headers, Origin own) {
    return isForeign(headers, own);
  }

  /**
   * Returns whether the headers confirm that a page of this origin sent the request. Changes to
   * credentials require this confirmation; unlike in {@link #forbids}, missing headers do not
   * suffice.
   */
  public static boolean isFromOwnPage(HttpFields headers, Origin own) {
    boolean stated =
        headers.contains(HttpHeader.ORIGIN) || "same-origin".equals(headers.get("Sec-Fetch-Site"));
    return stated && !isForeign(headers, own);
  }

  private static boolean isForeign(HttpFields headers, Origin own) {
    @Nullable String site = headers.get("Sec-Fetch-Site");
    boolean vouched = "same-origin".equals(site);
    if (site != null && !vouched && !site.equals("none")) {
      return true;
    }
    // Browsers send the origin null under Referrer-Policy: no-referrer.
    return headers.getValuesList(HttpHeader.ORIGIN).stream()
        .filter(origin -> !vouched || !origin.equals("null"))
        .anyMatch(origin -> !origin.equalsIgnoreCase(own.toString()));
  }
}
