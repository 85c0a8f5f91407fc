package io.dropserver.web.identity;

import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;

/** The fields of a small form, or of a query. Of several with one name the first counts. */
public record Form(Map<String, String> fields) {
  private static final int MAX_BYTES = 64 << 10;

  public Form {
    fields = Map.copyOf(fields);
  }

  /**
   * @throws IOException when it ends early
   * @throws HttpException.RuntimeException when it is longer than any form of ours: answered by 413
   */
  public static Form ofBody(Request request) throws IOException {
    try (InputStream in = Content.Source.asInputStream(request)) {
      byte[] body = in.readNBytes(MAX_BYTES + 1);
      if (body.length > MAX_BYTES) {
        throw new HttpException.RuntimeException(
            HttpStatus.PAYLOAD_TOO_LARGE_413, "a form has at most 64 KiB");
      }
      return parse(new String(body, StandardCharsets.UTF_8));
    }
  }

  public static Form ofQuery(Request request) {
    String query = request.getHttpURI().getQuery();
    return parse(query == null ? "" : query);
  }

  /** What is not well-formed is left out. */
  private static Form parse(String text) {
    Map<String, String> fields = new HashMap<>();
    for (String pair : text.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        try {
          fields.putIfAbsent(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
        } catch (IllegalArgumentException e) {
          // Half an escape: no form of ours sends it.
        }
      }
    }
    return new Form(fields);
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  /** Empty where it is not there. */
  public String get(String name) {
    return fields.getOrDefault(name, "");
  }
}
