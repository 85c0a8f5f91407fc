package io.dropserver.web.identity;

import java.util.regex.Pattern;

/** Where a log-in leads on to: one of the shell's own pages, whatever a link says. */
final class Destination {
  /** No second slash and no backslash in front, which browsers read as another host. */
  private static final Pattern OWN =
      Pattern.compile("/(?:[A-Za-z0-9._~!$&'()*+,;=:@%-][A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?");

  private static final int LONGEST = 2_000;

  private Destination() {}

  /** The home page in place of anything else. */
  static String of(String asked) {
    return asked.length() <= LONGEST && OWN.matcher(asked).matches() ? asked : "/";
  }
}
