package io.dropserver.web.site;

import io.dropserver.web.headers.PolicyHeaders;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * A plain page of the front door itself.
 *
 * @param title one line
 * @param text a sentence or two
 * @param html further content, safe to send
 * @param retryAfterSeconds 0 for none
 */
record Page(int status, String title, String text, String html, int retryAfterSeconds) {
  /** Where every host serves the pages' style. */
  static final String STYLE_PATH = "/.dropserver/page.css";

  private static final String STYLE =
      """
      :root { color-scheme: light dark; }
      body { font: 1.05rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 15vh auto; padding: 0 1.5rem; }
      h1 { font-size: 1.5rem; font-weight: 600; }
      ul { list-style: none; padding: 0; }
      li { margin: .5rem 0; }
      a { color: LinkText; }
      """;

  static Page of(int status, String title, String text) {
    return new Page(status, title, text, "", 0);
  }

  static Page later(int status, String title, String text, int retryAfterSeconds) {
    return new Page(status, title, text, "", retryAfterSeconds);
  }

  /** Answers with it, and completes the callback. */
  void send(Request request, Response response, PolicyHeaders policy, Callback callback) {
    boolean close = response.getHeaders().contains(HttpHeader.CONNECTION, "close");
    response.reset();
    response.setStatus(status);
    if (close) {
      response.getHeaders().put(HttpHeader.CONNECTION, "close");
    }
    boolean plain = !accepts(request.getHeaders());
    byte[] body = (plain ? plainText() : document()).getBytes(StandardCharsets.UTF_8);
    HttpFields.Mutable headers = response.getHeaders();
    headers.put(HttpHeader.CONTENT_TYPE, (plain ? "text/plain" : "text/html") + "; charset=utf-8");
    headers.put(HttpHeader.CONTENT_LENGTH, body.length);
    headers.put(HttpHeader.CACHE_CONTROL, "no-store");
    if (retryAfterSeconds > 0) {
      headers.put(HttpHeader.RETRY_AFTER, retryAfterSeconds);
    }
    policy.applyTo(headers);
    boolean bodyless = request.getMethod().equals("HEAD");
    response.write(true, bodyless ? ByteBuffer.allocate(0) : ByteBuffer.wrap(body), callback);
  }

  /** The style of all pages. */
  static void sendStyle(
      Request request, Response response, PolicyHeaders policy, Callback callback) {
    byte[] body = STYLE.getBytes(StandardCharsets.UTF_8);
    HttpFields.Mutable headers = response.getHeaders();
    headers.put(HttpHeader.CONTENT_TYPE, "text/css; charset=utf-8");
    headers.put(HttpHeader.CONTENT_LENGTH, body.length);
    headers.put(HttpHeader.CACHE_CONTROL, "max-age=3600");
    policy.applyTo(headers);
    boolean bodyless = request.getMethod().equals("HEAD");
    response.write(true, bodyless ? ByteBuffer.allocate(0) : ByteBuffer.wrap(body), callback);
  }

  private static boolean accepts(HttpFields headers) {
    return Optional.ofNullable(headers.get(HttpHeader.ACCEPT))
        .map(accept -> accept.contains("text/html"))
        .orElse(false);
  }

  private String plainText() {
    return title + "\n" + text + "\n";
  }

  private String document() {
    return "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
        + "<meta name=\"viewport\" content=\"width=device-width\">\n<title>"
        + escape(title)
        + "</title>\n<link rel=\"stylesheet\" href=\""
        + STYLE_PATH
        + "\">\n<h1>"
        + escape(title)
        + "</h1>\n<p>"
        + escape(text)
        + "</p>\n"
        + html;
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
