package io.dropserver.web.identity;

import io.dropserver.web.client.ClientBody;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;

/**
 * The fields of a small form or of a query. If several fields have the same name, the first is
 * used.
 */
public record Form(Map<String, String> fields) {
  /** The size limit in bytes of a form with a token, a name or a code. */
  public static final int SHORT = 1 << 10;

  /**
   * The size limit in bytes of a form with a fully escaped password of 500 characters and a
   * redirect target.
   */
  public static final int PASSWORD = 12 << 10;

  /**
   * The size limit in bytes of a form with an authenticator's response, or a URL that an admin
   * enters.
   */
  public static final int LONG = 16 << 10;

  /** The maximum number of fields. No form of this server has that many. */
  private static final int MAX_FIELDS = 32;

  public Form {
    fields = Map.copyOf(fields);
  }

  /**
   * Reads a form from the body of a request.
   *
   * @param limit the size limit of this route in bytes
   * @throws IOException when the body is incomplete
   * @throws HttpException.RuntimeException 413 when the body is too long, 408 when it takes too
   *     long
   */
  public static Form ofBody(Request request, int limit) throws IOException {
    try (ClientBody body = new ClientBody(request, limit, ClientBody.TIME_LIMIT)) {
      return parse(new String(body.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  public static Form ofQuery(Request request) {
    String query = request.getHttpURI().getQuery();
    return parse(query == null ? "" : query);
  }

  /** Skips malformed fields. */
  private static Form parse(String text) {
    Map<String, String> fields = new HashMap<>();
    for (String pair : text.split("&", MAX_FIELDS + 1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        try {
          fields.putIfAbsent(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
        } catch (IllegalArgumentException e) {
          // An incomplete escape, which no form of this server sends.
        }
      }
    }
    if (fields.size() > MAX_FIELDS) {
      throw new HttpException.RuntimeException(
          HttpStatus.BAD_REQUEST_400, "a form has at most " + MAX_FIELDS + " fields");
    }
    return new Form(fields);
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  /** Returns the value of a field, or the empty string when it is absent. */
  public String get(String name) {
    return fields.getOrDefault(name, "");
  }
}
