package io.dropserver.web.page;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;

/** The rules for apps, which are {@code docs/apps-in-one-page.md}. Thread-safe. */
public final class AppRules {
  private static final String PATH = "/llms.txt";
  private static final byte[] PAGE = Assets.read(AppRules.class, "apps-in-one-page.md");

  private AppRules() {}

  /** Returns the page in Markdown. */
  public static String text() {
    return new String(PAGE, StandardCharsets.UTF_8);
  }

  /**
   * Serves the page on the shell's host, without log-in.
   *
   * @return false when the request is for something else
   */
  public static boolean handle(Exchange exchange) {
    if (!PATH.equals(exchange.request().getHttpURI().getPath())) {
      return false;
    }
    exchange.policy().applyTo(exchange.response().getHeaders());
    exchange.response().getHeaders().put(HttpHeader.CACHE_CONTROL, "no-cache");
    exchange.write(ByteBuffer.wrap(PAGE), "text/plain; charset=utf-8");
    return true;
  }
}
