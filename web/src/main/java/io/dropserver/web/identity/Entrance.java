package io.dropserver.web.identity;

import io.dropserver.web.identity.BrowserState.SeenAppspace;
import io.dropserver.web.page.Html;
import io.dropserver.web.page.Page;
import io.dropserver.web.page.PageLayout;
import io.dropserver.web.page.PageLayout.Section;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;

/**
 * Serves {@code /.dropserver/enter}, at which each frame of an appspace starts. Responses are never
 * cached. If the browser stores data of another appspace or version, the entrance clears it before
 * any page of the app loads.
 *
 * <p>A visitor who is not logged in on the host gets a nonce in a cookie, and a page that sends the
 * nonce's hash to the surrounding shell ({@code entering.js}). The shell's page requests a code
 * that is bound to this appspace and this hash from its server, and submits the code into the frame
 * ({@code enter.js}). Thread-safe.
 */
record Entrance(HandOverCodes codes, SessionStore sessionStore) {
  static final String PATH = "/.dropserver/enter";

  void handle(AppspaceRequest appspaceRequest, boolean inside) throws IOException {
    Form query = Form.ofQuery(appspaceRequest.request());
    String to = RedirectTarget.of(query.get("to"));
    boolean guest = appspaceRequest.open() && query.get("as").equals("guest");
    switch (appspaceRequest.request().getMethod()) {
      case "GET", "HEAD" -> {
        if (inside || guest) {
          startFrame(appspaceRequest, query.get("for"), to);
        } else {
          sendEntryPage(appspaceRequest, to);
        }
      }
      case "POST" -> enter(appspaceRequest);
      default ->
          Page.of(405, "Not allowed", "Only the shell's page may send this request.")
              .send(appspaceRequest.exchange());
    }
  }

  /**
   * Sends the page that asks the shell to log this browser in. The page does not reveal whether the
   * host has an appspace. It differs only for public appspaces, where a browser without scripts can
   * continue as a guest.
   */
  void sendEntryPage(AppspaceRequest appspaceRequest, String to) {
    String nonce = RandomSecret.generate();
    FrontDoorCookies.expireInjected(appspaceRequest);
    FrontDoorCookies.setNonce(appspaceRequest, nonce);
    String title = appspaceRequest.open() ? "One moment" : "Nothing here for you";
    Map<String, Object> values =
        Map.of(
            "chrome", chrome(title, "entering.js"),
            "shell", appspaceRequest.shell().toString(),
            "binding", RandomSecret.hash(nonce),
            "to", to,
            "open", appspaceRequest.open());
    page(appspaceRequest, 403, "entering", values);
  }

  /**
   * Sends a page that makes the surrounding shell page reload, because that page was loaded for the
   * previous appspace on this host.
   */
  void sendReloadPage(AppspaceRequest appspaceRequest) {
    Map<String, Object> values =
        Map.of(
            "chrome", chrome("Load this page again", "moved.js"),
            "shell", appspaceRequest.shell().toString());
    page(appspaceRequest, 409, "moved", values);
  }

  private static PageLayout chrome(String title, String script) {
    return PageLayout.of(title, Optional.empty(), Section.OTHER).withScripts(script);
  }

  private static void page(
      AppspaceRequest appspaceRequest, int status, String template, Map<String, Object> values) {
    HttpFields.Mutable headers = appspaceRequest.response().getHeaders();
    appspaceRequest.exchange().policy().applyTo(headers);
    headers.put("X-Robots-Tag", "noindex");
    Html.send(status, template, values, appspaceRequest.exchange());
  }

  /**
   * Clears outdated data and redirects to the app's page, or makes an outdated shell page reload.
   *
   * @param tag the appspace's tag in the shell's page; empty when the request does not come from
   *     that page
   */
  private void startFrame(AppspaceRequest appspaceRequest, String tag, String to) {
    SeenAppspace seenAppspace =
        BrowserState.compare(appspaceRequest.request(), appspaceRequest.tag());
    boolean shellIsNew = tag.equals(appspaceRequest.tag().appspace());
    if (!shellIsNew && (seenAppspace == SeenAppspace.OTHER_APPSPACE || !tag.isEmpty())) {
      sendReloadPage(appspaceRequest);
      return;
    }
    BrowserState.update(seenAppspace, appspaceRequest);
    if (Form.ofQuery(appspaceRequest.request()).get("tab").isEmpty()) {
      redirect(appspaceRequest, to);
    } else {
      page(
          appspaceRequest,
          200,
          "clearing",
          Map.of("chrome", chrome("One moment", "clearing.js"), "to", to));
    }
  }

  /** Handles the shell's form. Requests without an origin, or from another origin, are refused. */
  private void enter(AppspaceRequest appspaceRequest) throws IOException {
    boolean fromShell =
        appspaceRequest.request().getHeaders().getValuesList(HttpHeader.ORIGIN).stream()
            .allMatch(appspaceRequest.shell().toString()::equals);
    if (!fromShell || !appspaceRequest.request().getHeaders().contains(HttpHeader.ORIGIN)) {
      Page.of(403, "Not allowed", "Only the shell's page may send this request.")
          .send(appspaceRequest.exchange());
      return;
    }
    Form form = Form.ofBody(appspaceRequest.request(), Form.PASSWORD);
    Optional<String> nonce = FrontDoorCookies.nonce(appspaceRequest.request());
    Optional<Session> session =
        nonce.flatMap(n -> codes.redeem(form.get("code"), appspaceRequest.identity(), n));
    if (session.isEmpty() || !sessionStore.isActive(session.get())) {
      Page.of(403, "Expired", "Load the page again to enter.").send(appspaceRequest.exchange());
      return;
    }
    SeenAppspace seenAppspace =
        BrowserState.compare(appspaceRequest.request(), appspaceRequest.tag());
    BrowserState.update(seenAppspace, appspaceRequest);
    FrontDoorCookies.set(
        appspaceRequest, sessionStore.enter(session.get(), appspaceRequest.identity()));
    FrontDoorCookies.clearNonce(appspaceRequest);
    redirect(appspaceRequest, RedirectTarget.of(form.get("to")));
  }

  private static void redirect(AppspaceRequest appspaceRequest, String path) {
    appspaceRequest.exchange().redirect(303, appspaceRequest.own() + path);
  }
}
