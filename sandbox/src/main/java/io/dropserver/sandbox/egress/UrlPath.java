package io.dropserver.sandbox.egress;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.regex.Pattern;

/** Paths of URLs in one form, RFC 3986 section 6.2.2. */
final class UrlPath {
  private static final Pattern ESCAPED_SLASH = Pattern.compile("%2F|%5C");
  private static final Pattern PARAMETERS = Pattern.compile(";[^/]*");
  private static final Pattern SLASHES = Pattern.compile("//+");
  private static final String HEX = "0123456789ABCDEF";

  private UrlPath() {}

  /**
   * Resolves dot segments, raw and encoded; writes every escape in upper case and decodes those of
   * unreserved characters. Escapes are decoded once: {@code %252e} stays what it is.
   *
   * @throws DestinationException for an incomplete escape, an escaped NUL, and for dot segments
   *     that only some servers see: behind an escaped slash, or before a semicolon
   */
  static String normalise(String path) {
    String escaped = escapes(path.isEmpty() ? "/" : path);
    Deque<String> segments = new ArrayDeque<>();
    String[] parts = escaped.substring(1).split("/", -1);
    for (int i = 0; i < parts.length; i++) {
      boolean last = i == parts.length - 1;
      switch (parts[i]) {
        case "." -> {
          if (last) {
            segments.addLast("");
          }
        }
        case ".." -> {
          segments.pollLast();
          if (last) {
            segments.addLast("");
          }
        }
        default -> {
          refuseHiddenDots(parts[i]);
          segments.addLast(parts[i]);
        }
      }
    }
    return "/" + String.join("/", segments);
  }

  private static void refuseHiddenDots(String segment) {
    for (String part : ESCAPED_SLASH.split(segment, -1)) {
      String name = part.indexOf(';') < 0 ? part : part.substring(0, part.indexOf(';'));
      if (name.equals(".") || name.equals("..")) {
        throw new DestinationException(
            "the path has a dot segment beside an escaped slash or a semicolon, which servers"
                + " disagree about");
      }
    }
  }

  /**
   * A normalised path as a server sees it that decodes slashes, drops what follows a semicolon and
   * merges slashes.
   */
  static String asALenientServer(String normalised) {
    String decoded = ESCAPED_SLASH.matcher(normalised).replaceAll("/");
    return SLASHES.matcher(PARAMETERS.matcher(decoded).replaceAll("")).replaceAll("/");
  }

  private static String escapes(String path) {
    StringBuilder out = new StringBuilder(path.length());
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c != '%') {
        out.append(c);
        continue;
      }
      if (i + 2 >= path.length()) {
        throw new DestinationException("the path ends inside a percent escape");
      }
      int value = hex(path.charAt(i + 1)) * 16 + hex(path.charAt(i + 2));
      if (value == 0) {
        throw new DestinationException("the path contains an escaped NUL");
      }
      if (isUnreserved(value)) {
        out.append((char) value);
      } else {
        out.append('%').append(HEX.charAt(value >> 4)).append(HEX.charAt(value & 15));
      }
      i += 2;
    }
    return out.toString();
  }

  private static int hex(char c) {
    int value = HEX.indexOf(String.valueOf(c).toUpperCase(Locale.ROOT));
    if (value < 0) {
      throw new DestinationException("the path contains a percent sign that is not an escape");
    }
    return value;
  }

  private static boolean isUnreserved(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '.'
        || c == '_'
        || c == '~';
  }
}
