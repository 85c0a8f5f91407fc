package io.dropserver.web.push;

import io.dropserver.web.headers.PolicyHeaders;
import io.dropserver.web.identity.Form;
import io.dropserver.web.identity.ShellRequest;
import io.dropserver.web.identity.Visitor;
import io.dropserver.web.page.Assets;
import io.dropserver.web.page.Exchange;
import io.dropserver.web.page.PageLayout;
import io.dropserver.web.page.PageLayout.Section;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;

/**
 * The page on which a person turns Web Push on for a browser, its service worker, and the form that
 * stores a subscription. Thread-safe.
 */
public final class PushPages {
  /** The path of the page. */
  public static final String PATH = "/push";

  /**
   * The path of the service worker. It is below the page, so that by default no page of the shell
   * is in its scope; {@code push.js} asks for a scope without any page.
   */
  private static final String WORKER = PATH + "/worker.js";

  private static final ByteBuffer WORKER_SCRIPT =
      ByteBuffer.wrap(Assets.read(PushPages.class, "worker.js")).asReadOnlyBuffer();

  private final WebPush push;

  public PushPages(WebPush push) {
    this.push = push;
  }

  /**
   * Handles a request.
   *
   * @return false when the request is for something else
   */
  public boolean handle(ShellRequest shellRequest, Optional<Visitor> visitor) throws IOException {
    if (shellRequest.matches("GET", WORKER)) {
      worker(shellRequest.exchange());
    } else if (shellRequest.matches("GET", PATH)) {
      visitor.ifPresentOrElse(
          viewer -> page(shellRequest, viewer), () -> shellRequest.redirect("/login?to=%2Fpush"));
    } else if (shellRequest.matches("POST", PATH)) {
      change(shellRequest, visitor);
    } else {
      return false;
    }
    return true;
  }

  /**
   * A service worker has the policy of its own response. This one loads and connects to nothing.
   */
  private static void worker(Exchange exchange) {
    exchange.policy().applyTo(exchange.response().getHeaders());
    exchange.response().getHeaders().put("Content-Security-Policy", "default-src 'none'");
    exchange.response().getHeaders().put(HttpHeader.CACHE_CONTROL, "no-cache");
    exchange.write(WORKER_SCRIPT, "text/javascript; charset=utf-8");
  }

  private void page(ShellRequest shellRequest, Visitor visitor) {
    PolicyHeaders.forWorkerPage(shellRequest.shell())
        .forBrowser(shellRequest.request().getHeaders())
        .applyTo(shellRequest.response().getHeaders());
    shellRequest.sendPage(
        200,
        "push",
        Map.of(
            "chrome",
            PageLayout.of("Messages in this browser", Optional.of(visitor.viewer()), Section.HOME)
                .withScripts("push.js"),
            "key",
            push.publicKey()));
  }

  /** Stores or removes the subscription in a form. */
  private void change(ShellRequest shellRequest, Optional<Visitor> visitor) throws IOException {
    if (visitor.isEmpty()) {
      shellRequest.sendText(401, "log in first");
      return;
    }
    Form form = Form.ofBody(shellRequest.request(), Form.PASSWORD);
    try {
      Subscription subscription =
          Subscription.parse(form.get("endpoint"), form.get("p256dh"), form.get("auth"));
      String user = visitor.get().person().name();
      if (form.get("state").equals("on")) {
        push.subscribe(user, visitor.get().session().id(), subscription);
      } else {
        push.unsubscribe(user, subscription);
      }
      shellRequest.sendText(200, "stored");
    } catch (Subscription.InvalidSubscriptionException e) {
      shellRequest.sendText(400, String.valueOf(e.getMessage()));
    }
  }
}
