package io.dropserver.web.site;

import java.util.Locale;

/** {@code /.dropserver/} on every host is the front door's own; no app sees or serves it. */
final class ReservedPaths {
  private static final String PREFIX = "/.dropserver";

  private ReservedPaths() {}

  /** In every spelling that an app or a browser might read so. */
  static boolean covers(String path) {
    String plain = path.toLowerCase(Locale.ROOT).replace("%2e", ".").replace("%2f", "/");
    if (plain.indexOf('%') >= 0) {
      plain = decodeLetters(plain);
    }
    if (!plain.contains(PREFIX.substring(1))) {
      return false; // as nearly always, and cheaper to find out
    }
    return (plain + "/").replaceAll("/(\\./|/)+", "/").startsWith(PREFIX + "/");
  }

  private static String decodeLetters(String path) {
    StringBuilder decoded = new StringBuilder();
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '%' && i + 2 < path.length()) {
        int code =
            Character.digit(path.charAt(i + 1), 16) * 16 + Character.digit(path.charAt(i + 2), 16);
        if (Character.isLetter(code)) {
          decoded.append(Character.toLowerCase((char) code));
          i += 2;
          continue;
        }
      }
      decoded.append(c);
    }
    return decoded.toString();
  }
}
