package io.dropserver.base.text;

import java.util.regex.Pattern;

/**
 * Checks labels of host names (RFC 1123), in lower case. Names of objects are labels as well,
 * because they become parts of host names and URLs; {@code common.schema.json} contains the same
 * pattern. Thread-safe.
 */
public final class DnsLabel {
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

  private DnsLabel() {}

  /** Returns whether a text consists of 1 to 63 lower case letters, digits and inner dashes. */
  public static boolean isValid(String text) {
    return LABEL.matcher(text).matches();
  }
}
