package io.dropserver.base.text;

import java.util.regex.Pattern;

/**
 * Checks keys and values of labels, with the rules of Kubernetes; {@code common.schema.json}
 * contains the same rules. Thread-safe.
 */
public final class LabelSyntax {
  public static final String KEY_RULE =
      "use 1 to 63 letters, digits, dashes, underscores and dots, beginning and ending with a"
          + " letter or digit; a domain and a slash may precede them, as in example.org/team";

  public static final String VALUE_RULE =
      "use at most 63 letters, digits, dashes, underscores and dots, beginning and ending with a"
          + " letter or digit";

  private static final int MAX_PREFIX = 253;

  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?");

  private LabelSyntax() {}

  /** Returns whether a text is a name, or a DNS name, a slash and a name. */
  public static boolean isKey(String text) {
    int slash = text.indexOf('/');
    return NAME.matcher(text.substring(slash + 1)).matches()
        && (slash < 0 || isPrefix(text.substring(0, slash)));
  }

  private static boolean isPrefix(String text) {
    if (text.length() > MAX_PREFIX) {
      return false;
    }
    for (String label : text.split("\\.", -1)) {
      if (!DnsLabel.isValid(label)) {
        return false;
      }
    }
    return true;
  }

  /** Returns whether a text is empty or a name. */
  public static boolean isValue(String text) {
    return text.isEmpty() || NAME.matcher(text).matches();
  }
}
