package io.dropserver.web.site;

import io.dropserver.web.headers.Origin;
import io.dropserver.web.headers.PolicyHeaders;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/** Leads a request that came in clear to the same page over TLS. */
final class SecureRedirect {
  private SecureRedirect() {}

  /**
   * @param to a host that is served; nothing of it comes from the request but its choice
   */
  static void send(
      Request request, Response response, Origin to, PolicyHeaders policy, Callback callback) {
    String path = request.getHttpURI().getPathQuery();
    // 308 keeps the method, so that a form which was filled in clear is not lost. The connection
    // ends: what follows belongs on the other one.
    response.setStatus(308);
    response.getHeaders().put(HttpHeader.LOCATION, to + (path.startsWith("/") ? path : "/"));
    policy.applyTo(response.getHeaders());
    response.getHeaders().remove("Strict-Transport-Security"); // RFC 6797, section 7.2
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    response.getHeaders().put(HttpHeader.CONNECTION, "close");
    response.write(true, BufferUtil.EMPTY_BUFFER, callback);
  }
}
