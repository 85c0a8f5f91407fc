package io.dropserver.web.headers;

import java.util.Locale;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * Adds the prefix {@code __Host-} to the names of an app's cookies, and removes it in requests. A
 * script of one appspace can set a cookie for the whole domain, and no header prevents this, but
 * browsers reject such a cookie with this prefix. So every cookie that an app receives was set on
 * the app's host. Thread-safe.
 */
final class AppCookies {
  private static final String PREFIX = "__Host-";

  /**
   * The prefix of the front door's cookies, after {@code __Host-}. Apps can neither read nor set
   * these.
   */
  static final String RESERVED_PREFIX = "dropserver-";

  private AppCookies() {}

  /**
   * Extracts the app's cookies from a request.
   *
   * @param cookie the {@code Cookie} header of a request
   * @return the app's cookies without the prefix; empty when the request has none
   */
  static Optional<String> toApp(String cookie) {
    StringJoiner own = new StringJoiner("; ");
    for (String part : cookie.split(";", -1)) {
      String pair = trimmed(part);
      if (pair.startsWith(PREFIX) && pair.indexOf('=') > PREFIX.length()) {
        String inner = pair.substring(PREFIX.length());
        if (!isReserved(inner)) {
          own.add(inner);
        }
      }
    }
    return own.length() == 0 ? Optional.empty() : Optional.of(own.toString());
  }

  /**
   * Rewrites a cookie of a response.
   *
   * @param setCookie the app's {@code Set-Cookie} header
   * @param crossSite whether the app's host is not below the shell's; its frame then gets only
   *     cookies with {@code SameSite=None}, and {@code Partitioned} keeps them inside the shell
   * @return the header for the browser; empty when the cookie must not be set
   */
  static Optional<String> toBrowser(String setCookie, boolean crossSite) {
    String[] parts = setCookie.split(";", -1);
    String pair = trimmed(parts[0]);
    int equals = pair.indexOf('=');
    if (equals <= 0 || isReserved(pair) || pair.chars().anyMatch(c -> c < ' ' || c == 127)) {
      return Optional.empty();
    }
    StringBuilder cookie = new StringBuilder(PREFIX).append(pair);
    String sameSite = "Lax";
    boolean partitioned = false;
    for (int i = 1; i < parts.length; i++) {
      String attribute = trimmed(parts[i]);
      String name = trimmed(attribute.split("=", 2)[0]).toLowerCase(Locale.ROOT);
      switch (name) {
        case "domain" -> {
          return Optional.empty();
        }
        case "samesite" -> sameSite = sameSite(attribute);
        case "partitioned" -> partitioned = true;
        case "expires", "max-age", "httponly", "priority" -> cookie.append("; ").append(attribute);
        default -> {
          // Path and Secure are replaced below, because the prefix requires Path=/ and Secure.
          // Unknown attributes are removed.
        }
      }
    }
    if (crossSite) {
      return Optional.of(cookie.append("; Path=/; Secure; SameSite=None; Partitioned").toString());
    }
    cookie.append("; Path=/; Secure; SameSite=").append(sameSite);
    return Optional.of(cookie.append(partitioned ? "; Partitioned" : "").toString());
  }

  private static String sameSite(String attribute) {
    return attribute.toLowerCase(Locale.ROOT).endsWith("strict") ? "Strict" : "Lax";
  }

  /**
   * Trims only spaces and tabs, as browsers do (RFC 6265, section 5.2). For a browser, other white
   * space is a part of the name, so a name that begins with it does not begin with the prefix.
   */
  private static String trimmed(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && blank(text.charAt(start))) {
      start++;
    }
    while (start < end && blank(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  private static boolean blank(char c) {
    return c == ' ' || c == '\t';
  }

  private static boolean isReserved(String cookie) {
    return cookie.regionMatches(true, 0, RESERVED_PREFIX, 0, RESERVED_PREFIX.length());
  }
}
