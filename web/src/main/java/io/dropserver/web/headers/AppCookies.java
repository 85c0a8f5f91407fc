package io.dropserver.web.headers;

import java.util.Locale;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * An app's cookies travel under {@code __Host-} names. A page of one appspace can set a cookie for
 * the whole domain by script, which no header prevents; but not one with this prefix. So what
 * reaches an app under its own name was set by it alone.
 */
final class AppCookies {
  private static final String PREFIX = "__Host-";

  /** Cookies of the front door itself begin so, after the prefix. */
  static final String OURS = "dropserver-";

  private AppCookies() {}

  /**
   * @param cookie a request's {@code Cookie}
   * @return the app's own cookies under their own names; empty when there are none
   */
  static Optional<String> toApp(String cookie) {
    StringJoiner own = new StringJoiner("; ");
    for (String part : cookie.split(";", -1)) {
      String pair = trimmed(part);
      if (pair.startsWith(PREFIX) && pair.indexOf('=') > PREFIX.length()) {
        String inner = pair.substring(PREFIX.length());
        if (!ours(inner)) {
          own.add(inner);
        }
      }
    }
    return own.length() == 0 ? Optional.empty() : Optional.of(own.toString());
  }

  /**
   * @param setCookie as the app wrote it
   * @return for the browser; empty when it must not be set at all
   */
  static Optional<String> toBrowser(String setCookie) {
    String[] parts = setCookie.split(";", -1);
    String pair = trimmed(parts[0]);
    int equals = pair.indexOf('=');
    if (equals <= 0 || ours(pair) || pair.chars().anyMatch(c -> c < ' ' || c == 127)) {
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
          // Path and Secure are ours to say: the prefix demands "/" and Secure.
        }
      }
    }
    return Optional.of(cookie.append("; Path=/; Secure; SameSite=").append(sameSite).toString());
  }

  private static String sameSite(String attribute) {
    return attribute.toLowerCase(Locale.ROOT).endsWith("strict") ? "Strict" : "Lax";
  }

  /**
   * Without the white space of RFC 6265, section 5.2, and no other: what else looks blank here is
   * part of a name to a browser, and to it such a name has no prefix.
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

  private static boolean ours(String cookie) {
    return cookie.regionMatches(true, 0, OURS, 0, OURS.length());
  }
}
