package io.dropserver.web.page;

import io.dropserver.web.headers.PolicyHeaders;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/**
 * A request to the front door and its response.
 *
 * @param policy the security headers of a response that the front door itself creates, in the form
 *     for the browser that sent the request
 */
public record Exchange(
    Request request, Response response, Callback callback, PolicyHeaders policy) {

  public Exchange {
    policy = policy.forBrowser(request.getHeaders());
  }

  public Exchange withPolicy(PolicyHeaders other) {
    return new Exchange(request, response, callback, other);
  }

  /** Sends a complete body; for HEAD only the headers. Other headers stay as they are. */
  public void write(ByteBuffer body, String type) {
    HttpFields.Mutable headers = response.getHeaders();
    headers.put(HttpHeader.CONTENT_TYPE, type);
    headers.put(HttpHeader.CONTENT_LENGTH, body.remaining());
    boolean bodyless = request.getMethod().equals("HEAD");
    response.write(true, bodyless ? BufferUtil.EMPTY_BUFFER : body.duplicate(), callback);
  }

  /** Redirects with the policy headers and {@code Cache-Control: no-store}. */
  public void redirect(int status, String url) {
    policy.applyTo(response.getHeaders());
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.LOCATION, url);
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    response.write(true, BufferUtil.EMPTY_BUFFER, callback);
  }
}
