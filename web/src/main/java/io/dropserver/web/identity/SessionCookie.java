package io.dropserver.web.identity;

import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;

/**
 * Where a browser keeps a session's secret: one cookie for each host. Its prefix keeps siblings
 * from setting it for the whole domain (RFC 6265bis, section 4.1.3.2). Without TLS a browser keeps
 * it on {@code localhost} and below only.
 */
final class SessionCookie {
  private static final String NAME = "__Host-dropserver-session";

  /** Ties a code for an appspace's host to the browser that asked for it. */
  private static final String NONCE = "__Host-dropserver-nonce";

  /** Ties a passkey's challenge to the browser that asked for it. */
  private static final String BROWSER = "__Host-dropserver-browser";

  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]{43}");

  private static final String ATTRIBUTES = "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=";

  private SessionCookie() {}

  /**
   * The name must be there to the letter, and once: a browser holds one such cookie, so that of two
   * at least one was smuggled in.
   */
  static Optional<String> of(Request request) {
    return find(request, NAME);
  }

  static Optional<String> nonce(Request request) {
    return find(request, NONCE);
  }

  static Optional<String> browser(Request request) {
    return find(request, BROWSER).filter(value -> TOKEN.matcher(value).matches());
  }

  /** The one that the browser has, so that its tabs do not disturb each other, or a new one. */
  static String ensureBrowser(Request request, Response response) {
    String value = browser(request).orElseGet(Secret::fresh);
    add(response, BROWSER, value + ATTRIBUTES + "3600");
    return value;
  }

  private static Optional<String> find(Request request, String name) {
    HttpFields headers = request.getHeaders();
    Optional<String> found = Optional.empty();
    for (String line : headers.getValuesList(HttpHeader.COOKIE)) {
      for (String pair : line.split(";", -1)) {
        int start = 0;
        while (start < pair.length() && (pair.charAt(start) == ' ' || pair.charAt(start) == '\t')) {
          start++;
        }
        if (pair.startsWith(name, start) && pair.startsWith("=", start + name.length())) {
          if (found.isPresent()) {
            return Optional.empty();
          }
          found = Optional.of(pair.substring(start + name.length() + 1).stripTrailing());
        }
      }
    }
    return found;
  }

  static void set(Response response, String token) {
    add(response, NAME, token + ATTRIBUTES + Sessions.LONGEST.toSeconds());
  }

  static void clear(Response response) {
    add(response, NAME, ATTRIBUTES + "0");
  }

  static void setNonce(Response response, String nonce) {
    add(response, NONCE, nonce + ATTRIBUTES + "3600");
  }

  static void clearNonce(Response response) {
    add(response, NONCE, ATTRIBUTES + "0");
  }

  private static void add(Response response, String name, String value) {
    response.getHeaders().add(HttpHeader.SET_COOKIE, name + "=" + value);
  }
}
