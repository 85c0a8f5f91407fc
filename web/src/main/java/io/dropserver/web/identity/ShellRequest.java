package io.dropserver.web.identity;

import io.dropserver.web.headers.CrossSite;
import io.dropserver.web.headers.Origin;
import io.dropserver.web.page.Exchange;
import io.dropserver.web.page.Html;
import io.dropserver.web.page.Page;
import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;

/**
 * A request on the shell's host. The policy headers are already set on the response.
 *
 * @param shell the shell's origin, as browsers see it
 * @param client the address of the client
 */
public record ShellRequest(Exchange exchange, Origin shell, InetAddress client) {
  private static final Page.Link HOME = new Page.Link("/", "To the home page");

  public Request request() {
    return exchange.request();
  }

  public Response response() {
    return exchange.response();
  }

  public String path() {
    return request().getHttpURI().getPath();
  }

  public boolean matches(String method, String path) {
    boolean same =
        request().getMethod().equals(method)
            || (method.equals("GET") && request().getMethod().equals("HEAD"));
    return same && path().equals(path);
  }

  /** Returns whether a browser confirms that one of the shell's own pages sent the request. */
  public boolean isFromOwnPage() {
    return CrossSite.isFromOwnPage(request().getHeaders(), shell);
  }

  /**
   * Refuses a POST that no page of this server sent. Every page that changes something relies on
   * it.
   *
   * @return whether the request was refused
   */
  public boolean refuseForgedPost() {
    boolean forged = request().getMethod().equals("POST") && !isFromOwnPage();
    if (forged) {
      sendNotice(
          Page.of(403, "Not allowed", "Only this server's own pages may send this request."));
    }
    return forged;
  }

  public String agent() {
    return Optional.ofNullable(request().getHeaders().get(HttpHeader.USER_AGENT)).orElse("");
  }

  /** Sends a notice, with a link to the home page unless it has another link. */
  public void sendNotice(Page page) {
    sendNotice(page, Optional.empty());
  }

  /** Sends a notice with the menu of the visitor. */
  public void sendNotice(Page page, Optional<Visitor> visitor) {
    Page sent = page.link().isPresent() ? page : page.withLink(HOME);
    sent.send(exchange, visitor.map(Visitor::viewer));
  }

  public void sendText(int status, String text) {
    response().setStatus(status);
    response().getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain; charset=utf-8");
    response().getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    Content.Sink.write(response(), true, text, exchange.callback());
  }

  void sendJson(String json) {
    response().getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
    response().getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    Content.Sink.write(response(), true, json, exchange.callback());
  }

  public void sendPage(int status, String template, Map<String, Object> values) {
    Html.send(status, template, values, exchange);
  }

  /**
   * Redirects to one of the shell's own pages.
   *
   * @param path appended to the shell's origin, so that it cannot lead to another host
   */
  public void redirect(String path) {
    exchange.redirect(303, shell + (path.startsWith("/") ? path : "/"));
  }
}
