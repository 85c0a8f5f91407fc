package io.dropserver.web.site;

import io.dropserver.web.headers.Origin;
import io.dropserver.web.headers.PolicyHeaders;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/** Redirects HTTP requests to the same page over HTTPS. Thread-safe. */
final class SecureRedirect {
  private SecureRedirect() {}

  /**
   * @param to the origin with a host from the host table or below the domain, never an arbitrary
   *     host
   */
  static void send(
      Request request, Response response, Origin to, PolicyHeaders policy, Callback callback) {
    String path = request.getHttpURI().getPathQuery();
    // 308 keeps the method, so that a form sent over HTTP is not lost. The connection is closed,
    // because the client's next requests use HTTPS.
    response.setStatus(308);
    response.getHeaders().put(HttpHeader.LOCATION, to + (path.startsWith("/") ? path : "/"));
    policy.applyTo(response.getHeaders());
    response.getHeaders().remove("Strict-Transport-Security"); // RFC 6797, section 7.2
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    response.getHeaders().put(HttpHeader.CONNECTION, "close");
    response.write(true, BufferUtil.EMPTY_BUFFER, callback);
  }
}
