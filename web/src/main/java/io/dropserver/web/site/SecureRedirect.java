package io.dropserver.web.site;

import io.dropserver.web.headers.Origin;
import io.dropserver.web.page.Exchange;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;

/** Redirects HTTP requests to the same page over HTTPS. Thread-safe. */
final class SecureRedirect {
  private SecureRedirect() {}

  /**
   * @param to the origin with a host from the host table or below the domain, never an arbitrary
   *     host
   */
  static void send(Origin to, Exchange exchange) {
    String path = exchange.request().getHttpURI().getPathQuery();
    // 308 keeps the method, so that a form sent over HTTP is not lost. The connection is closed,
    // because the client's next requests use HTTPS.
    Response response = exchange.response();
    response.setStatus(308);
    HttpFields.Mutable headers = response.getHeaders();
    headers.put(HttpHeader.LOCATION, to + (path.startsWith("/") ? path : "/"));
    exchange.policy().applyTo(headers);
    headers.remove("Strict-Transport-Security"); // RFC 6797, section 7.2
    headers.put(HttpHeader.CACHE_CONTROL, "no-store");
    headers.put(HttpHeader.CONNECTION, "close");
    response.write(true, BufferUtil.EMPTY_BUFFER, exchange.callback());
  }
}
