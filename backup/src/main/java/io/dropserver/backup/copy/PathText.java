package io.dropserver.backup.copy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Forms of a path whose names may be any bytes. The Latin form has one ISO 8859-1 character for
 * each byte. The escaped form is printable ASCII: every other byte, and the backslash, is {@code
 * \xNN}.
 */
public final class PathText {
  private static final Pattern ESCAPED = Pattern.compile("\\\\x([0-9a-f]{2})");

  private PathText() {}

  /** Returns the Latin form of a path in UTF-8. */
  public static String latin(String path) {
    return new String(path.getBytes(UTF_8), ISO_8859_1);
  }

  /** Returns the escaped form of a Latin path. */
  public static String escape(String latin) {
    return latin
        .chars()
        .mapToObj(c -> isPrintable(c) ? Character.toString(c) : "\\x%02x".formatted(c))
        .collect(Collectors.joining());
  }

  /** Returns the Latin form of an escaped path. */
  public static String unescape(String escaped) {
    return ESCAPED
        .matcher(escaped)
        .replaceAll(
            match ->
                Matcher.quoteReplacement(Character.toString(Integer.parseInt(match.group(1), 16))));
  }

  private static boolean isPrintable(int c) {
    return c >= ' ' && c < 0x7f && c != '\\';
  }
}
