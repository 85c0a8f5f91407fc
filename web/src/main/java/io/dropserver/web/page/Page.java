package io.dropserver.web.page;

import io.dropserver.web.page.PageLayout.Section;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * A notice or error page of the front door, on any host: HTML for clients that accept it, two lines
 * of plain text for others.
 *
 * @param title one line
 * @param text one or two sentences
 * @param retryAfterSeconds the delay after which the page reloads automatically; 0 for never
 * @param link a page of the shell that explains more
 */
public record Page(
    int status, String title, String text, int retryAfterSeconds, Optional<Link> link) {

  /**
   * A link to another page on the same host.
   *
   * @param href a path
   * @param label the text of the link
   */
  public record Link(String href, String label) {}

  public static Page of(int status, String title, String text) {
    return new Page(status, title, text, 0, Optional.empty());
  }

  public static Page later(int status, String title, String text, int retryAfterSeconds) {
    return new Page(status, title, text, retryAfterSeconds, Optional.empty());
  }

  public Page withLink(Link other) {
    return new Page(status, title, text, retryAfterSeconds, Optional.of(other));
  }

  /**
   * Sends the page and completes the callback. Headers that were set earlier are discarded, except
   * {@code Connection: close} and {@code Allow}.
   */
  public void send(Exchange exchange) {
    send(exchange, Optional.empty());
  }

  /**
   * Like {@link #send(Exchange)}.
   *
   * @param viewer the person for whom the page shows the menu
   */
  public void send(Exchange exchange, Optional<PageLayout.Viewer> viewer) {
    Response response = exchange.response();
    boolean close = response.getHeaders().contains(HttpHeader.CONNECTION, "close");
    @Nullable HttpField allow = response.getHeaders().getField(HttpHeader.ALLOW);
    response.reset();
    response.setStatus(status);
    HttpFields.Mutable headers = response.getHeaders();
    if (close) {
      headers.put(HttpHeader.CONNECTION, "close");
    }
    if (allow != null) {
      headers.put(allow);
    }
    headers.put(HttpHeader.CACHE_CONTROL, "no-store");
    if (retryAfterSeconds > 0) {
      headers.put(HttpHeader.RETRY_AFTER, retryAfterSeconds);
    }
    exchange.policy().applyTo(headers);
    if (acceptsHtml(exchange.request().getHeaders())) {
      exchange.write(ByteBuffer.wrap(document(viewer)), "text/html; charset=utf-8");
    } else {
      ByteBuffer lines = StandardCharsets.UTF_8.encode(title + "\n" + text + "\n");
      exchange.write(lines, "text/plain; charset=utf-8");
    }
  }

  private byte[] document(Optional<PageLayout.Viewer> viewer) {
    PageLayout pageLayout = PageLayout.of(title, viewer, Section.OTHER);
    boolean again = retryAfterSeconds > 0;
    return Html.render(
        "notice",
        Map.of("chrome", again ? pageLayout.withScripts("waiting.js") : pageLayout, "page", this));
  }

  private static boolean acceptsHtml(HttpFields headers) {
    return Optional.ofNullable(headers.get(HttpHeader.ACCEPT))
        .map(accept -> accept.contains("text/html"))
        .orElse(false);
  }
}
