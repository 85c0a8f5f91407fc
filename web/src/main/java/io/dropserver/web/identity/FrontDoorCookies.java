package io.dropserver.web.identity;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;

/**
 * Reads and writes the front door's cookies. The {@code __Host-} prefix prevents sibling hosts from
 * setting them for the whole domain (RFC 6265bis, section 4.1.3.2). Without TLS, browsers accept
 * the prefix only on {@code localhost} and its subdomains. Thread-safe.
 */
final class FrontDoorCookies {
  private static final String NAME = "__Host-dropserver-session";

  /**
   * The name of the cookie that binds a code for an appspace's host to the browser that requested
   * the code.
   */
  private static final String NONCE = "__Host-dropserver-nonce";

  /**
   * The name of the cookie that binds a passkey challenge to the browser that requested the
   * challenge.
   */
  private static final String BROWSER_NONCE = "__Host-dropserver-browser";

  /** The appspace and version that the browser last saw on the host. */
  private static final String APPSPACE = "__Host-dropserver-appspace";

  private static final String PREFIX = "__Host-";
  private static final String RESERVED_PREFIX = PREFIX + "dropserver-";

  /** The maximum lifetime of a cookie in browsers: RFC 6265bis, section 5.5. */
  private static final String LONGEST_SECONDS = "34560000";

  /** The maximum number of cookies that are read. No browser stores that many for one domain. */
  private static final int MOST_COOKIES = 200;

  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]{43}");

  private static final String SECURE = "; Path=/; Secure; HttpOnly; SameSite=";
  private static final String ATTRIBUTES = SECURE + "Lax; Max-Age=";

  /**
   * The attributes on an appspace's custom host, which is another site than the shell around its
   * frame. Partitioned cookies exist only inside that shell.
   */
  private static final String CROSS_SITE_ATTRIBUTES = SECURE + "None; Partitioned; Max-Age=";

  private FrontDoorCookies() {}

  /**
   * Returns the session cookie; empty if it is missing or occurs several times, because a duplicate
   * is an injected one.
   */
  static Optional<String> of(Request request) {
    return find(request, NAME);
  }

  static Optional<String> nonce(Request request) {
    return find(request, NONCE);
  }

  static Optional<String> browserNonce(Request request) {
    return find(request, BROWSER_NONCE).filter(value -> TOKEN.matcher(value).matches());
  }

  static Optional<String> appspace(Request request) {
    return find(request, APPSPACE);
  }

  static void setAppspace(AppspaceRequest to, String value) {
    add(to.response(), APPSPACE, value + attributes(to) + LONGEST_SECONDS);
  }

  private static String attributes(AppspaceRequest to) {
    return to.isCrossSite() ? CROSS_SITE_ATTRIBUTES : ATTRIBUTES;
  }

  /**
   * Deletes the apps' {@code __Host-} cookies that the request contains, both partitioned and
   * unpartitioned.
   */
  static void expireOthers(AppspaceRequest to) {
    Response response = to.response();
    String sameSite = to.isCrossSite() ? "; SameSite=None" : "";
    to.request().getHeaders().getValuesList(HttpHeader.COOKIE).stream()
        .flatMap(line -> Stream.of(line.split(";", -1)))
        .map(pair -> pair.split("=", 2)[0].strip())
        .filter(name -> name.startsWith(PREFIX) && !name.startsWith(RESERVED_PREFIX))
        .limit(MOST_COOKIES)
        .forEach(
            name -> {
              add(response, name, "; Path=/; Secure; Max-Age=0" + sameSite);
              add(response, name, "; Path=/; Secure; Max-Age=0; Partitioned" + sameSite);
            });
  }

  /**
   * Returns the browser's nonce, or a new one, and sets the cookie. The nonce is reused so that
   * several tabs do not interfere.
   */
  static String ensureBrowserNonce(Request request, Response response) {
    String value = browserNonce(request).orElseGet(RandomSecret::generate);
    add(response, BROWSER_NONCE, value + ATTRIBUTES + "3600");
    return value;
  }

  /**
   * Deletes the front door's cookies that a script of the host added beside those of this server. A
   * browser stores one partitioned and one unpartitioned cookie of a name, and a duplicate would
   * prevent each later log-in on the host.
   */
  static void expireInjected(AppspaceRequest to) {
    String other = to.isCrossSite() ? "None; Max-Age=0" : "Lax; Partitioned; Max-Age=0";
    for (String name : List.of(NAME, NONCE, APPSPACE)) {
      if (values(to.request(), name).size() > 1) {
        add(to.response(), name, SECURE + other);
      }
    }
  }

  private static Optional<String> find(Request request, String name) {
    List<String> values = values(request, name);
    return values.size() == 1 ? Optional.of(values.getFirst()) : Optional.empty();
  }

  private static List<String> values(Request request, String name) {
    List<String> values = new ArrayList<>();
    for (String line : request.getHeaders().getValuesList(HttpHeader.COOKIE)) {
      for (String pair : line.split(";", -1)) {
        int start = 0;
        while (start < pair.length() && (pair.charAt(start) == ' ' || pair.charAt(start) == '\t')) {
          start++;
        }
        if (pair.startsWith(name, start) && pair.startsWith("=", start + name.length())) {
          values.add(pair.substring(start + name.length() + 1).stripTrailing());
        }
      }
    }
    return values;
  }

  /** Sets the session on an appspace's host. */
  static void set(AppspaceRequest to, String token) {
    add(to.response(), NAME, token + attributes(to) + SessionStore.MAX_LIFETIME.toSeconds());
  }

  /** Sets the session on the shell's host. */
  static void set(Response response, String token) {
    add(response, NAME, token + ATTRIBUTES + SessionStore.MAX_LIFETIME.toSeconds());
  }

  static void clear(Response response) {
    add(response, NAME, ATTRIBUTES + "0");
  }

  static void setNonce(AppspaceRequest to, String nonce) {
    add(to.response(), NONCE, nonce + attributes(to) + "3600");
  }

  static void clearNonce(AppspaceRequest to) {
    add(to.response(), NONCE, attributes(to) + "0");
  }

  private static void add(Response response, String name, String value) {
    response.getHeaders().add(HttpHeader.SET_COOKIE, name + "=" + value);
  }
}
