package io.dropserver.web.identity;

import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;

/**
 * Compares the appspace on a host with the one that the browser last saw there, according to a
 * cookie of the front door. If they differ, the browser must delete what the earlier appspace
 * stored, because code of the earlier one would otherwise run in the origin of the later one, as
 * the same visitor.
 *
 * <p>An app cannot compute the cookie of another appspace. It can make a browser lose the cookie,
 * so a browser without one is cleared as well.
 */
public final class BrowserState {
  private static final String CLEAR = "Clear-Site-Data";

  /**
   * Excludes "cookies", which would delete the cookies of the whole domain, including the shell's
   * session.
   */
  private static final String EVERYTHING = "\"cache\", \"storage\", \"executionContexts\"";

  private static final String CACHE = "\"cache\"";

  private BrowserState() {}

  /** What a browser last saw on a host. */
  public enum SeenAppspace {
    SAME,
    OTHER_VERSION,
    OTHER_APPSPACE,
    NOTHING
  }

  /** Compares what the browser last saw with what is there now. */
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

  /** Makes the response delete what another appspace or version stored, and sets the cookie. */
  public static void update(
      SeenAppspace seenAppspace, AppspaceTag now, Request request, Response response) {
    switch (seenAppspace) {
      case SAME -> {}
      case OTHER_VERSION -> response.getHeaders().put(CLEAR, CACHE);
      case OTHER_APPSPACE, NOTHING -> {
        response.getHeaders().put(CLEAR, EVERYTHING);
        FrontDoorCookies.expireOthers(request, response);
      }
    }
    FrontDoorCookies.setAppspace(response, value(now)); // for SAME too, to extend its lifetime
  }

  private static String value(AppspaceTag tag) {
    return tag.appspace() + "." + tag.version();
  }
}
