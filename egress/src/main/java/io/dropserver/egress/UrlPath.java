package io.dropserver.egress;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Normalises paths of URLs according to RFC 3986, section 6.2.2. */
final class UrlPath {
  private static final Pattern ESCAPED_SLASH = Pattern.compile("%2F|%5C");
  private static final Pattern PARAMETERS = Pattern.compile(";[^/]*");
  private static final Pattern SLASHES = Pattern.compile("//+");

  /** A path that needs more decoding rounds than this is refused. */
  private static final int MAX_DECODINGS = 8;

  private static final Pattern ESCAPE =
      Pattern.compile("%(?:u([0-9A-F]{4})|([0-9A-F]{2}))", Pattern.CASE_INSENSITIVE);
  private static final Pattern SEPARATORS = Pattern.compile("[/\\\\]");

  /**
   * The part of a segment that some servers cut off: parameters, a query, a fragment, or the rest
   * after the end of a C string.
   */
  private static final Pattern CUT = Pattern.compile("[;?#\0].*", Pattern.DOTALL);

  /** Dots, including characters around them that servers and file systems trim. */
  private static final Pattern DOTS =
      Pattern.compile("[\\p{Cntrl}\\p{Z}\\p{Cf}.]*[.][\\p{Cntrl}\\p{Z}\\p{Cf}.]*");

  /** Characters that file systems drop at the end of a name. */
  private static final Pattern TRIMMED = Pattern.compile("[\\p{Cntrl}\\p{Z}\\p{Cf}.]+$");

  /**
   * Bytes that are invalid in UTF-8 but that lenient decoders convert to ASCII: overlong forms such
   * as {@code %C0%AE} for a dot.
   */
  private static final Pattern OVERLONG =
      Pattern.compile("%C[01]|%E0%[89]|%F0%8|%F[89A-F]", Pattern.CASE_INSENSITIVE);

  private static final String HEX = "0123456789ABCDEF";

  private UrlPath() {}

  /**
   * Resolves raw and encoded dot segments. Decodes escapes of unreserved characters once, and
   * writes all other escapes in upper case.
   *
   * @throws DestinationException for an incomplete escape, an escaped NUL, overlong UTF-8, and for
   *     dot segments that only some servers recognise: after a second decoding, behind an escaped
   *     slash, before a semicolon, beside white space
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

  /** Checks the segment as it is and after each further decoding. */
  private static void refuseHiddenDots(String segment) {
    String reading = segment;
    for (int i = 0; i < MAX_DECODINGS; i++) {
      if (OVERLONG.matcher(reading).find() || hasDotSegment(reading)) {
        throw new DestinationException(
            "the path has a dot segment in an encoding that servers interpret differently");
      }
      String next = decodedOnce(reading);
      if (next.equals(reading)) {
        return;
      }
      reading = next;
    }
    throw new DestinationException("the path is percent-encoded too many times");
  }

  private static boolean hasDotSegment(String reading) {
    for (String part : SEPARATORS.split(reading, -1)) {
      if (DOTS.matcher(CUT.matcher(part).replaceFirst("")).matches()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Decodes like a lenient server: incomplete escapes stay, {@code %u002E} is an escape, and
   * compatibility characters such as a full-width dot become ASCII.
   */
  private static String decodedOnce(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    Matcher escape = ESCAPE.matcher(text);
    int end = 0;
    while (escape.find()) {
      bytes.writeBytes(text.substring(end, escape.start()).getBytes(StandardCharsets.UTF_8));
      end = escape.end();
      String unicode = escape.group(1);
      if (unicode == null) {
        bytes.write(Integer.parseInt(escape.group(2), 16));
      } else {
        String character = String.valueOf((char) Integer.parseInt(unicode, 16));
        bytes.writeBytes(character.getBytes(StandardCharsets.UTF_8));
      }
    }
    bytes.writeBytes(text.substring(end).getBytes(StandardCharsets.UTF_8));
    return Normalizer.normalize(bytes.toString(StandardCharsets.UTF_8), Normalizer.Form.NFKC);
  }

  /**
   * Returns the normalised path as a lenient server interprets it: it decodes slashes, drops
   * everything after a semicolon and merges slashes.
   */
  static String lenientReading(String normalised) {
    String decoded = ESCAPED_SLASH.matcher(normalised).replaceAll("/");
    return SLASHES.matcher(PARAMETERS.matcher(decoded).replaceAll("")).replaceAll("/");
  }

  /**
   * Returns the broadest interpretation of a normalised path, for denials: fully decoded, lower
   * case, and with segments cut and trimmed like in {@link #refuseHiddenDots}.
   */
  static String broadestReading(String normalised) {
    String reading = normalised;
    for (int i = 0; i < MAX_DECODINGS; i++) {
      reading = decodedOnce(reading);
    }
    StringJoiner segments = new StringJoiner("/");
    for (String part : SEPARATORS.split(reading, -1)) {
      segments.add(TRIMMED.matcher(CUT.matcher(part).replaceFirst("")).replaceAll(""));
    }
    return SLASHES.matcher(segments.toString()).replaceAll("/").toLowerCase(Locale.ROOT);
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
