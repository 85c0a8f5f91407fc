package io.dropserver.web.site;

import io.dropserver.schema.instance.Appspace.Access;
import io.dropserver.web.frame.FramePage;
import io.dropserver.web.frame.FrameScript;
import io.dropserver.web.headers.CrossSite;
import io.dropserver.web.headers.RequestHeaders;
import io.dropserver.web.identity.AppspaceRequest;
import io.dropserver.web.identity.Identity;
import io.dropserver.web.page.Page;
import java.io.IOException;
import java.util.Optional;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Request;

/** Decides whether a request may pass to its appspace, and lets it. */
final class AppspaceHandler {
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

  /** What a browser gets on its way into an appspace, before the appspace answers it. */
  private boolean receives(Exchange exchange) throws IOException {
    if (frames(exchange) || identity.enter(atTheDoor(exchange), exchange.guest().isPresent())) {
      return true;
    }
    boolean asks = closed(exchange) && navigates(exchange.request());
    if (asks) {
      identity.ask(atTheDoor(exchange));
    }
    return asks;
  }

  /** What shows an appspace in the shell's frame, and nowhere else. */
  private static boolean frames(Exchange exchange) {
    Route route = exchange.route();
    Request request = exchange.request();
    String path = request.getHttpURI().getPath();
    if (path.equals(FrameScript.PATH)) {
      FrameScript.send(request, exchange.response(), route.policy(), exchange.callback());
      return true;
    }
    if (!FramePage.outside(request) || ReservedPaths.covers(path)) {
      return false;
    }
    FramePage.redirect(
        new FramePage.Place(route.site().appspace(), request.getHttpURI().getPathQuery()),
        route.shell(),
        route.policy(),
        exchange.response(),
        exchange.callback());
    return true;
  }

  private static AppspaceRequest atTheDoor(Exchange exchange) {
    Route route = exchange.route();
    return new AppspaceRequest(
        exchange.request(),
        exchange.response(),
        exchange.callback(),
        route.origin(),
        route.policy(),
        route.shell(),
        route.site().access() == Access.PUBLIC);
  }

  /** Whether only members may come this way, and this is none. */
  private static boolean closed(Exchange exchange) {
    Site site = exchange.route().site();
    return site.state() instanceof Site.Serving
        && site.access() == Access.MEMBERS
        && exchange.guest().isEmpty()
        && !PublicPaths.cover(site.publicPaths(), exchange.request().getHttpURI().getPath());
  }

  private static boolean navigates(Request request) {
    return request.getMethod().equals("GET")
        && "navigate".equals(request.getHeaders().get("Sec-Fetch-Mode"));
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
    if (closed(exchange)) {
      return Optional.of(
          Page.of(
              403, "For members only", "This appspace is open to its members, who log in first."));
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
