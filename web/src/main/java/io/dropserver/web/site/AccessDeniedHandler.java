package io.dropserver.web.site;

import io.dropserver.web.frame.FramePage;
import io.dropserver.web.identity.AppspaceRequest;
import io.dropserver.web.identity.AppspaceTag;
import io.dropserver.web.identity.Identity;
import io.dropserver.web.page.Exchange;
import io.dropserver.web.page.Page;
import java.io.IOException;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * Handles requests of visitors who may not enter an appspace, and requests to hosts below the
 * domain without an appspace. Both get the same status, headers and body under the strictest
 * policy, so that the response does not reveal whether an appspace exists. In both cases, browsers
 * are redirected to the shell, where a visitor can log in. Thread-safe.
 */
record AccessDeniedHandler(Identity identity) {
  private static final Page NOT_FOUND =
      Page.of(
          404,
          "Nothing here for you",
          "Nothing is at this address, or it is open to its members only.");

  private static final AppspaceTag NONE = new AppspaceTag("", "");

  /**
   * @param exchange has the strictest policy
   * @param route the route of the host's appspace, null without one; it affects only the response
   *     to a hand-over code
   * @param inside whether an app sent the request
   */
  void handle(
      Exchange exchange, HostRoutes hostRoutes, String host, @Nullable Route route, boolean inside)
      throws IOException {
    if (inside || !handleEntrance(exchange, hostRoutes, host, route)) {
      NOT_FOUND.send(exchange);
    }
  }

  private boolean handleEntrance(
      Exchange exchange, HostRoutes hostRoutes, String host, @Nullable Route route)
      throws IOException {
    Request request = exchange.request();
    if (FramePage.isTopLevelDocument(request)
        && !ReservedPaths.covers(request.getHttpURI().getPath())) {
      String pathQuery = request.getHttpURI().getPathQuery();
      String there = FramePage.Location.ofHost(hostRoutes.label(host), pathQuery).shellPath();
      FramePage.redirect(there, hostRoutes.shell(), exchange);
      return true;
    }
    String known = route == null ? "" : route.site().identity();
    AppspaceTag tag = route == null ? NONE : identity.tag(route.site());
    AppspaceRequest appspaceRequest =
        new AppspaceRequest(
            exchange, hostRoutes.shell().withHost(host), hostRoutes.shell(), false, known, tag);
    if (identity.handleEntrance(appspaceRequest, false)) {
      return true;
    }
    if (navigates(request)) {
      identity.sendEntryPage(appspaceRequest);
      return true;
    }
    return false;
  }

  private static boolean navigates(Request request) {
    return request.getMethod().equals("GET")
        && "navigate".equals(request.getHeaders().get("Sec-Fetch-Mode"));
  }
}
