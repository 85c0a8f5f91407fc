package io.dropserver.web.page;

import io.dropserver.sandbox.app.AppRules;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;

/** The page of the {@link AppRules}, on the shell's host without log-in. Thread-safe. */
public final class AppRulesPage {
  private static final String PATH = "/llms.txt";
  private static final byte[] PAGE = AppRules.text().getBytes(StandardCharsets.UTF_8);

  private AppRulesPage() {}

  /**
   * Serves the page.
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
