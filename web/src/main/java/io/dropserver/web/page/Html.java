package io.dropserver.web.page;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.Utf8ByteOutput;
import java.nio.ByteBuffer;
import java.util.Map;
import org.eclipse.jetty.http.HttpHeader;

/**
 * Renders the templates in {@code src/main/jte}, which the build compiles. jte escapes every value
 * for its context. Thread-safe.
 */
public final class Html {
  private static final TemplateEngine TEMPLATES =
      TemplateEngine.createPrecompiled(ContentType.Html);

  private Html() {}

  /**
   * Renders a template as UTF-8.
   *
   * @param template the file name without {@code .jte}
   * @param values the values of the template's parameters, by name
   */
  public static byte[] render(String template, Map<String, Object> values) {
    Utf8ByteOutput output = new Utf8ByteOutput();
    TEMPLATES.render(template + ".jte", values, output);
    return output.toByteArray();
  }

  /**
   * Sends a rendered template with {@code Cache-Control: no-store}. Other headers stay as they are.
   */
  public static void send(
      int status, String template, Map<String, Object> values, Exchange exchange) {
    exchange.response().setStatus(status);
    exchange.response().getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    exchange.write(ByteBuffer.wrap(render(template, values)), "text/html; charset=utf-8");
  }
}
