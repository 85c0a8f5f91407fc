package io.dropserver.web.identity;

import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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

  /** Which appspace and version the browser last saw on the host. */
  private static final String APPSPACE = "__Host-dropserver-appspace";

  private static final String PREFIX = "__Host-";
  private static final String OURS = PREFIX + "dropserver-";

  /** The longest that browsers keep a cookie: RFC 6265bis, section 5.5. */
  private static final String LONGEST_SECONDS = "34560000";

  /** More than any browser keeps for one domain. */
  private static final int MOST_COOKIES = 200;

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

  static Optional<String> appspace(Request request) {
    return find(request, APPSPACE);
  }

  static void setAppspace(Response response, String value) {
    add(response, APPSPACE, value + ATTRIBUTES + LONGEST_SECONDS);
  }

  /** Expires the cookies of apps that a request carries, in both jars that a browser may have. */
  static void expireOthers(Request request, Response response) {
    request.getHeaders().getValuesList(HttpHeader.COOKIE).stream()
        .flatMap(line -> Stream.of(line.split(";", -1)))
        .map(pair -> pair.split("=", 2)[0].strip())
        .filter(name -> name.startsWith(PREFIX) && !name.startsWith(OURS))
        .limit(MOST_COOKIES)
        .forEach(
            name -> {
              add(response, name, "; Path=/; Secure; Max-Age=0");
              add(response, name, "; Path=/; Secure; Max-Age=0; Partitioned");
            });
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
