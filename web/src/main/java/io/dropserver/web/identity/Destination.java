package io.dropserver.web.identity;

import java.util.regex.Pattern;

/**
 * Where a log-in or an entrance leads on to: a page of the same host, whatever a link says. A path
 * with its query, as browsers send it, and a fragment.
 */
final class Destination {
  /** No second slash and no backslash in front, which browsers read as another host. */
  private static final Pattern OWN =
      Pattern.compile(
          "/(?:[A-Za-z0-9._~!$&'()*+,;=:@%?-][A-Za-z0-9._~!$&'()*+,;=:@%/?{}|^\\[\\]-]*)?");

  /** What browsers leave as it is there; nothing that ends a header or an attribute. */
  private static final Pattern FRAGMENT = Pattern.compile("#[!-~&&[^\"<>`]]*");

  private static final int LONGEST = 4_000;

  private Destination() {}

  /** The home page in place of anything else, fragment included. */
  static String of(String asked) {
    int hash = asked.indexOf('#');
    String path = hash < 0 ? asked : asked.substring(0, hash);
    if (asked.length() > LONGEST || !OWN.matcher(path).matches()) {
      return "/";
    }
    return hash < 0 || FRAGMENT.matcher(asked.substring(hash)).matches() ? asked : path;
  }
}
