package io.dropserver.base.text;

import java.util.regex.Pattern;

/**
 * Mail addresses that may be declared. Only plain addresses are accepted: no display name, no
 * quotes, no comments, no route and no line break, so that an address can neither add a header nor
 * a second recipient.
 */
public final class MailAddress {
  /** The characters of an address that is accepted, for messages. */
  public static final String REMEDY =
      "write an address like alice@example.org, with ASCII letters and digits and ._+='~-";

  private static final int MAX_LENGTH = 254;
  private static final String LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
  private static final Pattern ADDRESS =
      Pattern.compile(
          "(?=[^@]{1,64}@)[A-Za-z0-9_+=][A-Za-z0-9_+='~-]*(?:\\.[A-Za-z0-9_+='~-]+)*@"
              + LABEL
              + "(?:\\."
              + LABEL
              + ")*");

  private MailAddress() {}

  public static boolean isValid(String text) {
    return text.length() <= MAX_LENGTH && ADDRESS.matcher(text).matches();
  }

  /** Returns the part after the {@code @} of a valid address. */
  public static String domain(String address) {
    return address.substring(address.lastIndexOf('@') + 1);
  }
}
