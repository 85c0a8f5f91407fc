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

/** The fields of a small form, or of a query. Of several with one name the first counts. */
public record Form(Map<String, String> fields) {
  /** In bytes: a token, a name or a code. */
  public static final int SHORT = 1 << 10;

  /** In bytes: a password of 500 characters with every byte escaped, and where to go then. */
  public static final int PASSWORD = 12 << 10;

  /** In bytes: what an authenticator signs, or a URL that an admin narrows. */
  public static final int LONG = 16 << 10;

  /** More than any form of this server has. */
  private static final int MAX_FIELDS = 32;

  public Form {
    fields = Map.copyOf(fields);
  }

  /**
   * @param limit in bytes: what the form of this route needs
   * @throws IOException when it ends early
   * @throws HttpException.RuntimeException 413 when it is longer, 408 when it takes too long
   */
  public static Form ofBody(Request request, int limit) throws IOException {
    try (ClientBody body = new ClientBody(request, limit, ClientBody.LONGEST)) {
      return parse(new String(body.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  public static Form ofQuery(Request request) {
    String query = request.getHttpURI().getQuery();
    return parse(query == null ? "" : query);
  }

  /** What is not well-formed is left out. */
  private static Form parse(String text) {
    Map<String, String> fields = new HashMap<>();
    for (String pair : text.split("&", MAX_FIELDS + 1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        try {
          fields.putIfAbsent(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
        } catch (IllegalArgumentException e) {
          // Half an escape: no form of ours sends it.
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

  /** Empty where it is not there. */
  public String get(String name) {
    return fields.getOrDefault(name, "");
  }
}
