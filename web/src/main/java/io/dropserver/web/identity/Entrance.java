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
import org.eclipse.jetty.util.BufferUtil;

/**
 * The page at which each frame of an appspace starts; never cached. If the browser stores data of
 * another appspace or version, the entrance deletes it before any page of the app loads.
 *
 * <p>A person who is not logged in on the host gets a page that creates a nonce, stores it in a
 * cookie, and sends its hash to the surrounding shell ({@code entering.js}). The shell's page
 * requests a code from its own server, which is bound to this appspace and that hash ({@code
 * enter.js}), and posts it into the frame. Thread-safe.
 */
final class Entrance {
  static final String PATH = "/.dropserver/enter";

  private final HandOverCodes codes;
  private final SessionStore sessionStore;

  Entrance(HandOverCodes codes, SessionStore sessionStore) {
    this.codes = codes;
    this.sessionStore = sessionStore;
  }

  void handle(AppspaceRequest asked, boolean inside) throws IOException {
    Form query = Form.ofQuery(asked.request());
    String to = RedirectTarget.of(query.get("to"));
    boolean guest = asked.open() && query.get("as").equals("guest");
    switch (asked.request().getMethod()) {
      case "GET", "HEAD" -> {
        if (inside || guest) {
          startFrame(asked, query.get("for"), to);
        } else {
          sendEntryPage(asked, to);
        }
      }
      case "POST" -> enter(asked);
      default -> refuse(asked, Page.of(405, "Not allowed", "Only the shell's page enters here."));
    }
  }

  /**
   * Sends the page that asks the shell to log its browser in. The page is the same on every host,
   * with or without an appspace, except for public appspaces, where a browser without scripts
   * continues as a guest.
   */
  void sendEntryPage(AppspaceRequest asked, String to) {
    String nonce = RandomSecret.generate();
    FrontDoorCookies.setNonce(asked.response(), nonce);
    String title = asked.open() ? "One moment" : "Nothing here for you";
    Map<String, Object> values =
        Map.of(
            "chrome",
            chrome(title, "entering.js"),
            "shell",
            asked.shell().toString(),
            "binding",
            RandomSecret.hash(nonce),
            "to",
            to,
            "open",
            asked.open());
    page(asked, 403, "entering", values);
  }

  /**
   * Sends the page for a frame whose shell page was loaded for the previous appspace on this host;
   * it reloads the shell.
   */
  void sendReloadPage(AppspaceRequest asked) {
    Map<String, Object> values =
        Map.of(
            "chrome", chrome("Load this page again", "moved.js"),
            "shell", asked.shell().toString());
    page(asked, 409, "moved", values);
  }

  private static PageLayout chrome(String title, String script) {
    return PageLayout.of(title, Optional.empty(), Section.OTHER).withScripts(script);
  }

  private static void page(
      AppspaceRequest asked, int status, String template, Map<String, Object> values) {
    HttpFields.Mutable headers = asked.response().getHeaders();
    asked.policy().applyTo(headers);
    headers.put("X-Robots-Tag", "noindex");
    Html.send(status, template, values, asked.request(), asked.response(), asked.callback());
  }

  /**
   * Starts a frame.
   *
   * @param tag the appspace's tag in the shell's page; empty when a page of the app leads here
   */
  private void startFrame(AppspaceRequest asked, String tag, String to) {
    SeenAppspace seenAppspace = BrowserState.compare(asked.request(), asked.tag());
    boolean shellIsNew = tag.equals(asked.tag().appspace());
    if (!shellIsNew && (seenAppspace == SeenAppspace.OTHER_APPSPACE || !tag.isEmpty())) {
      sendReloadPage(asked);
      return;
    }
    BrowserState.update(seenAppspace, asked.tag(), asked.request(), asked.response());
    if (Form.ofQuery(asked.request()).get("tab").isEmpty()) {
      redirect(asked, to);
    } else {
      page(asked, 200, "clearing", Map.of("chrome", chrome("One moment", "clearing.js"), "to", to));
    }
  }

  /** Handles the shell's form. Requests without an origin, or from another origin, are refused. */
  private void enter(AppspaceRequest asked) throws IOException {
    boolean fromShell =
        asked.request().getHeaders().getValuesList(HttpHeader.ORIGIN).stream()
            .allMatch(asked.shell().toString()::equals);
    if (!fromShell || !asked.request().getHeaders().contains(HttpHeader.ORIGIN)) {
      refuse(asked, Page.of(403, "Not from here", "Only the shell's page lets you in here."));
      return;
    }
    Form form = Form.ofBody(asked.request(), Form.PASSWORD);
    Optional<String> nonce = FrontDoorCookies.nonce(asked.request());
    Optional<Session> session =
        nonce.flatMap(n -> codes.redeem(form.get("code"), asked.identity(), n));
    if (session.isEmpty() || !sessionStore.isActive(session.get())) {
      refuse(asked, Page.of(403, "Too late", "Load the page again to come in."));
      return;
    }
    SeenAppspace seenAppspace = BrowserState.compare(asked.request(), asked.tag());
    BrowserState.update(seenAppspace, asked.tag(), asked.request(), asked.response());
    FrontDoorCookies.set(asked.response(), sessionStore.enter(session.get(), asked.identity()));
    FrontDoorCookies.clearNonce(asked.response());
    redirect(asked, RedirectTarget.of(form.get("to")));
  }

  private static void redirect(AppspaceRequest asked, String path) {
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
