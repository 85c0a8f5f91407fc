package io.dropserver.web.site;

import io.dropserver.web.frame.FramePage;
import io.dropserver.web.headers.CrossSite;
import io.dropserver.web.headers.RequestHeaders;
import io.dropserver.web.identity.AppspaceRequest;
import io.dropserver.web.identity.AppspaceTag;
import io.dropserver.web.identity.BrowserState;
import io.dropserver.web.identity.BrowserState.Known;
import io.dropserver.web.identity.Identity;
import io.dropserver.web.page.Page;
import java.io.IOException;
import java.util.Optional;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Request;

/**
 * Handles requests to an appspace from visitors who may enter it. It checks them, and passes them
 * to the app.
 */
final class AppspaceHandler {
  private static final Page MOVED =
      Page.of(409, "Load this page again", "Another app is at this address now.");

  private final Proxy proxy;
  private final WebSockets webSockets;
  private final Identity identity;

  AppspaceHandler(Proxy proxy, WebSockets webSockets, Identity identity) {
    this.proxy = proxy;
    this.webSockets = webSockets;
    this.identity = identity;
  }

  void handle(Exchange exchange) throws IOException {
    if (!exchange.inside() && receives(exchange)) {
      return;
    }
    Optional<Page> refusal = refusal(exchange);
    if (refusal.isPresent()) {
      exchange.fail(refusal.get(), new IOException(refusal.get().title()));
      return;
    }
    if (!exchange.inside() && outdated(exchange)) {
      return;
    }
    if (WebSockets.isHandshake(exchange.request())) {
      webSockets.handle(exchange);
      return;
    }
    Admission requests = exchange.route().traffic().requests();
    Optional<Admission.Place> place = requests.enter(exchange.caller());
    if (place.isEmpty()) {
      exchange.fail(
          Failures.of(requests.refusal(exchange.caller())), new IOException("too many requests"));
      return;
    }
    try (Admission.Place _ = place.get()) {
      proxy.handle(exchange);
    }
  }

  /** Handles a request that concerns entering the appspace, which the app must not answer. */
  private boolean receives(Exchange exchange) throws IOException {
    return frames(exchange) || identity.enter(atTheDoor(exchange), exchange.guest().isPresent());
  }

  /** Redirects a page that would be shown outside the shell's frame to the shell. */
  private static boolean frames(Exchange exchange) {
    Route route = exchange.route();
    Request request = exchange.request();
    if (!FramePage.outside(request) || ReservedPaths.covers(request.getHttpURI().getPath())) {
      return false;
    }
    String pathQuery = request.getHttpURI().getPathQuery();
    FramePage.redirect(
        new FramePage.Place(route.site().appspace(), pathQuery).atShell(),
        route.shell(),
        route.policy(),
        exchange.response(),
        exchange.callback());
    return true;
  }

  /**
   * Refuses requests of pages that belong to the previous appspace on this host. For a document, it
   * also makes the browser delete the data of an earlier appspace or version.
   */
  private boolean outdated(Exchange exchange) {
    AppspaceTag now = tag(exchange.route().site());
    Known known = BrowserState.of(exchange.request(), now);
    if (known == Known.OTHER_APPSPACE) {
      if (exchange.document()) {
        identity.moved(atTheDoor(exchange));
      } else {
        exchange.fail(MOVED, new IOException(MOVED.title()));
      }
      return true;
    }
    if (exchange.document() && known != Known.SAME) {
      BrowserState.renew(known, now, exchange.request(), exchange.response());
    }
    return false;
  }

  private AppspaceTag tag(Site site) {
    return identity.tag(site.host(), site.identity(), site.version());
  }

  private AppspaceRequest atTheDoor(Exchange exchange) {
    Route route = exchange.route();
    return new AppspaceRequest(
        exchange.request(),
        exchange.response(),
        exchange.callback(),
        route.origin(),
        route.policy(),
        route.shell(),
        route.site().open(),
        route.site().identity(),
        tag(route.site()));
  }

  private static Optional<Page> refusal(Exchange exchange) {
    Request request = exchange.request();
    Route route = exchange.route();
    Site site = route.site();
    HttpFields headers = request.getHeaders();
    String path = request.getHttpURI().getPath();
    if (!(site.state() instanceof Site.Serving)) {
      return Optional.of(Failures.of(site.state()));
    }
    if (ReservedPaths.covers(path)) {
      return Optional.of(Page.of(404, "Not found", "There is no such page."));
    }
    if (RequestHeaders.serviceWorker(headers)) {
      return Optional.of(Page.of(403, "No service workers", "Apps register no service workers."));
    }
    boolean foreign =
        WebSockets.isHandshake(request)
            ? CrossSite.forbidsHandshake(headers, route.origin())
            : CrossSite.forbids(request.getMethod(), headers, route.origin());
    return foreign
        ? Optional.of(
            Page.of(403, "Not from here", "Only this app's own pages may send it such a request."))
        : Optional.empty();
  }
}
