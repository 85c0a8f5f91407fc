package io.dropserver.web.headers;

import java.util.Locale;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * Renames an app's cookies so that browsers store them under {@code __Host-} names. By script, a
 * page of one appspace can set a cookie for the whole domain, which no header prevents, but it
 * cannot set one with this prefix. Therefore a cookie that reaches an app was set on the app's own
 * host.
 */
final class AppCookies {
  private static final String PREFIX = "__Host-";

  /** The prefix of the front door's own cookies, after {@code __Host-}. */
  static final String RESERVED_PREFIX = "dropserver-";

  private AppCookies() {}

  /**
   * Extracts the app's cookies from a request.
   *
   * @param cookie the {@code Cookie} header of a request
   * @return the app's cookies under their own names; empty when there are none
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
   * @param setCookie as the app wrote it
   * @return the header for the browser; empty when the cookie must not be set
   */
  static Optional<String> toBrowser(String setCookie) {
    String[] parts = setCookie.split(";", -1);
    String pair = trimmed(parts[0]);
    int equals = pair.indexOf('=');
    if (equals <= 0 || isReserved(pair) || pair.chars().anyMatch(c -> c < ' ' || c == 127)) {
      return Optional.empty();
    }
    StringBuilder cookie = new StringBuilder(PREFIX).append(pair);
    String sameSite = "Lax";
    for (int i = 1; i < parts.length; i++) {
      String attribute = trimmed(parts[i]);
      String name = trimmed(attribute.split("=", 2)[0]).toLowerCase(Locale.ROOT);
      switch (name) {
        case "domain" -> {
          return Optional.empty();
        }
        case "samesite" -> sameSite = sameSite(attribute);
        case "expires", "max-age", "httponly", "partitioned", "priority" ->
            cookie.append("; ").append(attribute);
        default -> {
          // Path and Secure are dropped: the prefix requires Path=/ and Secure, which are added
          // below.
        }
      }
    }
    return Optional.of(cookie.append("; Path=/; Secure; SameSite=").append(sameSite).toString());
  }

  private static String sameSite(String attribute) {
    return attribute.toLowerCase(Locale.ROOT).endsWith("strict") ? "Strict" : "Lax";
  }

  /**
   * Removes the white space of RFC 6265, section 5.2, and no other. A browser treats other blank
   * characters as part of the name, which then has no prefix.
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
