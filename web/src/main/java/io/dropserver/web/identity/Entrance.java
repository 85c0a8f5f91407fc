package io.dropserver.web.identity;

import io.dropserver.web.page.Chrome;
import io.dropserver.web.page.Chrome.Section;
import io.dropserver.web.page.Html;
import io.dropserver.web.page.Page;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.util.BufferUtil;

/**
 * The front door of an appspace's host. Somebody who is not logged in there gets a page that makes
 * a nonce, keeps it in a cookie, and tells its hash to the shell around it ({@code entering.js}).
 * The shell's page asks its own server for a code that is bound to this host and that hash ({@code
 * enter.js}), and posts it into the frame. Thread-safe.
 */
final class Entrance {
  static final String PATH = "/.dropserver/enter";

  private final HandOver codes;
  private final Sessions sessions;

  Entrance(HandOver codes, Sessions sessions) {
    this.codes = codes;
    this.sessions = sessions;
  }

  void handle(AppspaceRequest asked, boolean inside) throws IOException {
    String to = Destination.of(Form.ofQuery(asked.request()).get("to"));
    switch (asked.request().getMethod()) {
      case "GET", "HEAD" -> {
        if (inside) {
          leadTo(asked, to);
        } else {
          ask(asked, to);
        }
      }
      case "POST" -> enter(asked);
      default -> refuse(asked, Page.of(405, "Not allowed", "Only the shell's page comes in here."));
    }
  }

  /**
   * The page that asks the shell to let its browser in. Where anybody may come in, a browser
   * without script goes on as nobody.
   */
  void ask(AppspaceRequest asked, String to) {
    String nonce = Secret.fresh();
    HttpFields.Mutable headers = asked.response().getHeaders();
    asked.policy().applyTo(headers);
    headers.put("X-Robots-Tag", "noindex");
    SessionCookie.setNonce(asked.response(), nonce);
    String title = asked.open() ? "One moment" : "For members only";
    Chrome chrome = Chrome.of(title, Optional.empty(), Section.OTHER).withScripts("entering.js");
    Map<String, Object> values =
        Map.of(
            "chrome",
            chrome,
            "shell",
            asked.shell().toString(),
            "binding",
            Secret.hash(nonce),
            "to",
            to,
            "open",
            asked.open());
    Html.send(403, "entering", values, asked.request(), asked.response(), asked.callback());
  }

  /** The shell's page posts here: nobody else's may, nor one that hides where it comes from. */
  private void enter(AppspaceRequest asked) throws IOException {
    boolean fromShell =
        asked.request().getHeaders().getValuesList(HttpHeader.ORIGIN).stream()
            .allMatch(asked.shell().toString()::equals);
    if (!fromShell || !asked.request().getHeaders().contains(HttpHeader.ORIGIN)) {
      refuse(asked, Page.of(403, "Not from here", "Only the shell's page lets you in here."));
      return;
    }
    Form form = Form.ofBody(asked.request(), Form.PASSWORD);
    Optional<String> nonce = SessionCookie.nonce(asked.request());
    Optional<Session> session =
        nonce.flatMap(n -> codes.redeem(form.get("code"), asked.own().host(), n));
    if (session.isEmpty() || !sessions.lives(session.get())) {
      refuse(asked, Page.of(403, "Too late", "Load the page again to come in."));
      return;
    }
    SessionCookie.set(asked.response(), sessions.enter(session.get(), asked.own().host()));
    SessionCookie.clearNonce(asked.response());
    leadTo(asked, Destination.of(form.get("to")));
  }

  private static void leadTo(AppspaceRequest asked, String path) {
    asked.policy().applyTo(asked.response().getHeaders());
    asked.response().setStatus(303);
    asked.response().getHeaders().put(HttpHeader.LOCATION, asked.own() + path);
    asked.response().getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    asked.response().write(true, BufferUtil.EMPTY_BUFFER, asked.callback());
  }

  private static void refuse(AppspaceRequest asked, Page page) {
    page.send(asked.request(), asked.response(), asked.policy(), asked.callback());
  }
}
