package io.dropserver.web.site;

import java.util.Locale;

/**
 * The paths below {@code /.dropserver/} on every host, which belong to the front door and are never
 * passed to an app.
 */
final class ReservedPaths {
  private static final String NAME = ".dropserver";

  /**
   * An app may decode a path several times; legitimate paths are not encoded more often than this.
   */
  private static final int DECODINGS = 4;

  private ReservedPaths() {}

  /**
   * Whether an app or a browser might interpret a path as one below {@code /.dropserver/}.
   * Interpretations of escapes, empty segments, parameters, backslashes and {@code ..} differ, so a
   * path with {@code ..} is reserved when it contains the name anywhere.
   *
   * @param path as sent, without the query
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
