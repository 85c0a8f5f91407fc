package io.dropserver.web.page;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.Utf8ByteOutput;
import java.nio.ByteBuffer;
import java.util.Map;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

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
      int status,
      String template,
      Map<String, Object> values,
      Request request,
      Response response,
      Callback callback) {
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    ByteBuffer body = ByteBuffer.wrap(render(template, values));
    write(body, "text/html; charset=utf-8", request, response, callback);
  }

  /** Sends a complete body; for HEAD only the headers. */
  public static void write(
      ByteBuffer body, String type, Request request, Response response, Callback callback) {
    HttpFields.Mutable headers = response.getHeaders();
    headers.put(HttpHeader.CONTENT_TYPE, type);
    headers.put(HttpHeader.CONTENT_LENGTH, body.remaining());
    boolean bodyless = request.getMethod().equals("HEAD");
    response.write(true, bodyless ? ByteBuffer.allocate(0) : body.duplicate(), callback);
  }
}
