package io.dropserver.web.identity;

import io.dropserver.web.headers.CrossSite;
import io.dropserver.web.headers.Origin;
import io.dropserver.web.headers.PolicyHeaders;
import io.dropserver.web.page.Html;
import io.dropserver.web.page.Page;
import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/**
 * A request on the shell's host. The policy headers are already set on the response.
 *
 * @param shell the shell's origin, as browsers see it
 * @param policy the security headers of the shell's own pages
 * @param client the address of the client
 */
public record ShellRequest(
    Request request,
    Response response,
    Callback callback,
    Origin shell,
    PolicyHeaders policy,
    InetAddress client) {

  public String path() {
    return request.getHttpURI().getPath();
  }

  public boolean matches(String method, String path) {
    boolean same =
        request.getMethod().equals(method)
            || (method.equals("GET") && request.getMethod().equals("HEAD"));
    return same && path().equals(path);
  }

  /** Returns whether a browser confirms that one of the shell's own pages sent the request. */
  public boolean isFromOwnPage() {
    return CrossSite.isFromOwnPage(request.getHeaders(), shell);
  }

  public String agent() {
    return Optional.ofNullable(request.getHeaders().get(HttpHeader.USER_AGENT)).orElse("");
  }

  public void sendNotice(Page page) {
    page.send(request, response, policy, callback);
  }

  public void sendText(int status, String text) {
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain; charset=utf-8");
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    Content.Sink.write(response, true, text, callback);
  }

  void sendJson(String json) {
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    Content.Sink.write(response, true, json, callback);
  }

  public void sendPage(int status, String template, Map<String, Object> values) {
    Html.send(status, template, values, request, response, callback);
  }

  /**
   * Redirects to one of the shell's own pages.
   *
   * @param path appended to the shell's origin, so that it cannot lead to another host
   */
  public void redirect(String path) {
    response.setStatus(303);
    response.getHeaders().put(HttpHeader.LOCATION, shell + (path.startsWith("/") ? path : "/"));
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    response.write(true, BufferUtil.EMPTY_BUFFER, callback);
  }
}
