package io.dropserver.web.identity;

import java.util.regex.Pattern;

/**
 * Validates the target of a redirect after a log-in or an entrance. A valid target is a path of the
 * same host, with an optional query and fragment. Thread-safe.
 */
public final class RedirectTarget {
  /**
   * A path of the same host. It must not begin with two slashes, or with a slash and a backslash,
   * which browsers parse as another host.
   */
  private static final Pattern OWN =
      Pattern.compile(
          "/(?:[A-Za-z0-9._~!$&'()*+,;=:@%?-][A-Za-z0-9._~!$&'()*+,;=:@%/?{}|^\\[\\]-]*)?");

  /**
   * Characters that browsers keep in a fragment, without those that end a header or an attribute.
   */
  private static final Pattern FRAGMENT = Pattern.compile("#[!-~&&[^\"<>`]]*");

  private static final Pattern DOT_SEGMENT = Pattern.compile("/\\.\\.?(?:/|$)");

  private static final int MAX_LENGTH = 4_000;

  private RedirectTarget() {}

  /**
   * Returns whether a text is a path that stays below its start: a valid target without dot
   * segments, which browsers resolve, encoded or not.
   */
  public static boolean staysBelow(String path) {
    String decoded = path.replaceAll("(?i)%2e", ".").split("[?#]", 2)[0];
    return of(path).equals(path) && !DOT_SEGMENT.matcher(decoded).find();
  }

  /** Returns the target if it is valid, otherwise the home page. An invalid fragment is removed. */
  static String of(String requested) {
    int hash = requested.indexOf('#');
    String path = hash < 0 ? requested : requested.substring(0, hash);
    if (requested.length() > MAX_LENGTH || !OWN.matcher(path).matches()) {
      return "/";
    }
    return hash < 0 || FRAGMENT.matcher(requested.substring(hash)).matches() ? requested : path;
  }
}
