package io.dropserver.web.identity;

import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;

/**
 * Detects, by a cookie of the front door, that a browser last saw another appspace on a host. The
 * browser must then delete the data that the earlier appspace stored. Otherwise its cached code
 * would run in the origin of the current appspace, with the visitor's session.
 *
 * <p>An app cannot compute the cookie of another appspace. But it can make a browser evict the
 * cookie, so a browser without this cookie also has to delete its data. Thread-safe.
 */
public final class BrowserState {
  private static final String CLEAR = "Clear-Site-Data";

  /**
   * The value of {@code Clear-Site-Data} for another appspace. It excludes "cookies", which would
   * delete the cookies of the whole domain, including the shell's session.
   */
  private static final String EVERYTHING = "\"cache\", \"storage\", \"executionContexts\"";

  private static final String CACHE = "\"cache\"";

  private BrowserState() {}

  /** The appspace and version that a browser last saw on a host, compared with the current ones. */
  public enum SeenAppspace {
    SAME,
    OTHER_VERSION,
    OTHER_APPSPACE,
    NOTHING
  }

  /** Compares the tag in the request's cookie with the host's current tag. */
  public static SeenAppspace compare(Request request, AppspaceTag now) {
    return FrontDoorCookies.appspace(request)
        .map(
            seen ->
                seen.equals(value(now))
                    ? SeenAppspace.SAME
                    : seen.startsWith(now.appspace() + ".")
                        ? SeenAppspace.OTHER_VERSION
                        : SeenAppspace.OTHER_APPSPACE)
        .orElse(SeenAppspace.NOTHING);
  }

  /**
   * Sets the cookie. For another version, also clears the browser's cache; for another or an
   * unknown appspace, also clears its storage and the apps' cookies.
   */
  public static void update(SeenAppspace seenAppspace, AppspaceRequest appspaceRequest) {
    Response response = appspaceRequest.response();
    switch (seenAppspace) {
      case SAME -> {}
      case OTHER_VERSION -> response.getHeaders().put(CLEAR, CACHE);
      case OTHER_APPSPACE, NOTHING -> {
        response.getHeaders().put(CLEAR, EVERYTHING);
        FrontDoorCookies.expireOthers(appspaceRequest);
        FrontDoorCookies.expireInjected(appspaceRequest);
      }
    }
    // also in state SAME, to extend the cookie's lifetime
    FrontDoorCookies.setAppspace(appspaceRequest, value(appspaceRequest.tag()));
  }

  private static String value(AppspaceTag tag) {
    return tag.appspace() + "." + tag.version();
  }
}
