package io.dropserver.web.site;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.site.Site;
import io.dropserver.web.access.OpenExchange;
import io.dropserver.web.frame.FramePage;
import io.dropserver.web.headers.CrossSite;
import io.dropserver.web.headers.RequestHeaders;
import io.dropserver.web.identity.AppspaceRequest;
import io.dropserver.web.identity.AppspaceTag;
import io.dropserver.web.identity.BrowserState;
import io.dropserver.web.identity.BrowserState.SeenAppspace;
import io.dropserver.web.identity.Identity;
import io.dropserver.web.page.Page;
import java.io.IOException;
import java.util.Optional;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Request;

/**
 * Handles requests to an appspace from visitors who may enter it, and from apps. It redirects
 * top-level pages to the shell, refuses forbidden requests, and passes the others to the app.
 * Thread-safe.
 */
record AppspaceHandler(RequestProxy requestProxy, WebSockets webSockets, Identity identity) {
  private static final Page MOVED =
      Page.of(409, "Load this page again", "Another app is at this address now.");

  void handle(ProxyExchange proxyExchange) throws IOException {
    if (!proxyExchange.fromApp() && handleEntrance(proxyExchange)) {
      return;
    }
    Optional<Page> refusal = refusal(proxyExchange);
    if (refusal.isPresent()) {
      proxyExchange.fail(refusal.get(), new IOException(refusal.get().title()));
      return;
    }
    if (!proxyExchange.fromApp() && refuseOutdated(proxyExchange)) {
      return;
    }
    proxy(proxyExchange);
  }

  /** Passes a request or a WebSocket handshake to the app, within the limits of the appspace. */
  private void proxy(ProxyExchange proxyExchange) {
    boolean handshake = WebSockets.isHandshake(proxyExchange.request());
    Traffic traffic = proxyExchange.route().traffic();
    Admission admission = handshake ? traffic.tunnels() : traffic.requests();
    Optional<Admission.AdmissionSlot> slot = admission.tryEnter(proxyExchange.caller());
    if (slot.isEmpty()) {
      proxyExchange.fail(
          FailurePages.of(admission.refusal(proxyExchange.caller())),
          new IOException("too many requests"));
      return;
    }
    OpenExchange open = proxyExchange.open();
    open.hold(slot.get()::close);
    // Called for a stream that the client resets, and for a connection that ends while it is read.
    proxyExchange.request().addFailureListener(_ -> open.leave());
    try {
      open.begin();
      if (handshake) {
        webSockets.open(proxyExchange);
      } else {
        requestProxy.forward(proxyExchange);
      }
    } catch (SandboxException | IOException | IllegalArgumentException e) {
      FailurePages.send(proxyExchange, e);
    } finally {
      if (!open.isWebSocket()) {
        open.close();
      }
    }
  }

  /**
   * Handles a top-level navigation or a request to the entrance, which the app must not receive.
   */
  private boolean handleEntrance(ProxyExchange proxyExchange) throws IOException {
    return redirectToShell(proxyExchange)
        || identity.handleEntrance(
            entranceRequest(proxyExchange), proxyExchange.member().isPresent());
  }

  /** Redirects a document that the browser would show outside the shell's frame to the shell. */
  private static boolean redirectToShell(ProxyExchange proxyExchange) {
    Route route = proxyExchange.route();
    Request request = proxyExchange.request();
    if (!FramePage.isTopLevelDocument(request)
        || ReservedPaths.covers(request.getHttpURI().getPath())) {
      return false;
    }
    String pathQuery = request.getHttpURI().getPathQuery();
    FramePage.redirect(
        FramePage.Location.ofAppspace(route.site().appspace(), pathQuery).shellPath(),
        route.shell(),
        proxyExchange.exchange());
    return true;
  }

  /**
   * Refuses requests of pages that the browser loaded from another appspace on this host. For a
   * document, it also makes the browser delete the data of an earlier appspace or version.
   */
  private boolean refuseOutdated(ProxyExchange proxyExchange) {
    AppspaceTag current = identity.tag(proxyExchange.route().site());
    SeenAppspace seenAppspace = BrowserState.compare(proxyExchange.request(), current);
    if (seenAppspace == SeenAppspace.OTHER_APPSPACE) {
      if (proxyExchange.isDocument()) {
        identity.sendReloadPage(entranceRequest(proxyExchange));
      } else {
        proxyExchange.fail(MOVED, new IOException(MOVED.title()));
      }
      return true;
    }
    if (proxyExchange.isDocument() && seenAppspace != SeenAppspace.SAME) {
      BrowserState.update(seenAppspace, entranceRequest(proxyExchange));
    }
    return false;
  }

  private AppspaceRequest entranceRequest(ProxyExchange proxyExchange) {
    Route route = proxyExchange.route();
    return new AppspaceRequest(
        proxyExchange.exchange(),
        route.origin(),
        route.shell(),
        route.site().isOpen(),
        route.site().identity(),
        identity.tag(route.site()));
  }

  private static Optional<Page> refusal(ProxyExchange proxyExchange) {
    Request request = proxyExchange.request();
    Route route = proxyExchange.route();
    Site site = route.site();
    HttpFields headers = request.getHeaders();
    String path = request.getHttpURI().getPath();
    if (!(site.state() instanceof Site.Serving)) {
      return Optional.of(FailurePages.of(site.state(), proxyExchange.dashboard()));
    }
    if (ReservedPaths.covers(path)) {
      return Optional.of(Page.of(404, "Not found", "This page does not exist."));
    }
    if (RequestHeaders.isServiceWorkerScript(headers)) {
      return Optional.of(
          Page.of(403, "No service workers", "Apps may not register service workers."));
    }
    boolean foreign =
        WebSockets.isHandshake(request)
            ? CrossSite.forbidsHandshake(headers, route.origin())
            : CrossSite.forbids(request.getMethod(), headers, route.origin());
    return foreign
        ? Optional.of(
            Page.of(403, "Not allowed", "Only this app's own pages may send this request."))
        : Optional.empty();
  }
}
