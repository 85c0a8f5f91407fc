package io.dropserver.web.identity;

import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;

/**
 * Compares the appspace on a host with the one that a browser last saw there, which a cookie of the
 * front door records, and clears what the earlier one left in the browser: its code would run in
 * the origin of the later one, as the same visitor.
 *
 * <p>An app cannot compute the cookie of another appspace. It can make a browser drop the cookie,
 * so a browser without one is cleared as well.
 */
public final class BrowserState {
  private static final String CLEAR = "Clear-Site-Data";

  /** Not "cookies": browsers would drop those of the whole domain, and the shell's log-in. */
  private static final String EVERYTHING = "\"cache\", \"storage\", \"executionContexts\"";

  private static final String CACHE = "\"cache\"";

  private BrowserState() {}

  /** What a browser last saw on a host. */
  public enum Known {
    SAME,
    OTHER_VERSION,
    OTHER_APPSPACE,
    NOTHING
  }

  /** What the browser last saw, compared with what is there now. */
  public static Known of(Request request, AppspaceTag now) {
    return SessionCookie.appspace(request)
        .map(
            seen ->
                seen.equals(value(now))
                    ? Known.SAME
                    : seen.startsWith(now.appspace() + ".")
                        ? Known.OTHER_VERSION
                        : Known.OTHER_APPSPACE)
        .orElse(Known.NOTHING);
  }

  /** Makes a response clear what another appspace or version left, and records what is there. */
  public static void renew(Known known, AppspaceTag now, Request request, Response response) {
    switch (known) {
      case SAME -> {}
      case OTHER_VERSION -> response.getHeaders().put(CLEAR, CACHE);
      case OTHER_APPSPACE, NOTHING -> {
        response.getHeaders().put(CLEAR, EVERYTHING);
        SessionCookie.expireOthers(request, response);
      }
    }
    SessionCookie.setAppspace(response, value(now)); // also SAME: it lasts from now on
  }

  private static String value(AppspaceTag tag) {
    return tag.appspace() + "." + tag.version();
  }
}
