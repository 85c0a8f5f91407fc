package io.dropserver.web.site;

import java.util.Locale;

/**
 * Detects the paths below {@code /.dropserver/} on every host, which the front door handles and
 * never passes to an app. Thread-safe.
 */
final class ReservedPaths {
  private static final String NAME = ".dropserver";

  /** How often a path is decoded before it is compared. An app may decode a path several times. */
  private static final int DECODINGS = 4;

  private ReservedPaths() {}

  /**
   * Returns whether an app or a browser might interpret a path as one below {@code /.dropserver/}.
   * Servers differ in how they interpret escapes, empty segments, path parameters, backslashes and
   * {@code ..}. So a path with a segment {@code ..} is reserved if any segment is {@code
   * .dropserver}.
   *
   * @param path the path as sent, without the query
   */
  static boolean covers(String path) {
    String plain = path;
    for (int i = 0; i < DECODINGS && plain.indexOf('%') >= 0; i++) {
      plain = decoded(plain);
    }
    plain = plain.toLowerCase(Locale.ROOT);
    if (!plain.contains(NAME)) {
      return false; // the common case
    }
    boolean first = true;
    boolean named = false;
    boolean climbs = false;
    for (String whole : plain.split("[/\\\\]", -1)) {
      String segment = whole.split(";", 2)[0];
      if (segment.equals(NAME)) {
        if (first) {
          return true;
        }
        named = true;
      }
      climbs |= segment.equals("..");
      first &= segment.isEmpty() || segment.equals(".");
    }
    return named && climbs;
  }

  private static String decoded(String path) {
    StringBuilder decoded = new StringBuilder();
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '%' && i + 2 < path.length()) {
        int high = Character.digit(path.charAt(i + 1), 16);
        int low = Character.digit(path.charAt(i + 2), 16);
        if (high >= 0 && low >= 0) {
          decoded.append((char) (high * 16 + low));
          i += 2;
          continue;
        }
      }
      decoded.append(c);
    }
    return decoded.toString();
  }
}
