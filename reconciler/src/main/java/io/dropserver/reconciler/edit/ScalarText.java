package io.dropserver.reconciler.edit;

import io.dropserver.base.text.UnsafeCharacters;
import java.util.regex.Pattern;

/** Writes a text so that every YAML parser reads exactly that text. */
final class ScalarText {
  /**
   * A URL that starts with a letter and contains no character that is special in any YAML version.
   */
  private static final Pattern PLAIN_URL =
      Pattern.compile("[a-z]{2,5}://[A-Za-z0-9._*/~%-]+(:[0-9]{1,5})?(/[A-Za-z0-9._/~%-]*)?");

  private static final Pattern PLAIN_NAME = Pattern.compile("[a-z][a-z0-9]*([.-][a-z0-9]+)*(/v1)?");

  /** With two dots it is not a number, in any YAML version. */
  private static final Pattern PLAIN_VERSION =
      Pattern.compile("[0-9]{1,9}\\.[0-9]{1,9}\\.[0-9]{1,9}");

  private static final Pattern METHOD = Pattern.compile("GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS");

  /** Words that YAML 1.1 reads as booleans or null. */
  private static final Pattern WORD_WITH_MEANING =
      Pattern.compile("y|n|yes|no|on|off|true|false|null");

  private ScalarText() {}

  static boolean isPlain(String text) {
    return text.length() <= 300
        && (PLAIN_URL.matcher(text).matches()
            || METHOD.matcher(text).matches()
            || PLAIN_VERSION.matcher(text).matches()
            || text.equals("EgressWhitelist")
            || text.equals("App")
            || (PLAIN_NAME.matcher(text).matches() && !WORD_WITH_MEANING.matcher(text).matches()));
  }

  static String of(String text) {
    if (isPlain(text)) {
      return text;
    }
    StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
    text.codePoints().forEach(point -> append(quoted, point));
    return quoted.append('"').toString();
  }

  private static void append(StringBuilder quoted, int point) {
    if (point == '"' || point == '\\') {
      quoted.append('\\').appendCodePoint(point);
    } else if (!UnsafeCharacters.REVIEW.contains(point)) {
      quoted.appendCodePoint(point);
    } else if (point <= 0xFF) {
      quoted.append("\\x%02X".formatted(point));
    } else if (point <= 0xFFFF) {
      quoted.append("\\u%04X".formatted(point));
    } else {
      quoted.append("\\U%08X".formatted(point));
    }
  }
}
