package io.dropserver.schema.read;

import java.net.IDN;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Validates the URL of a whitelist rule. */
final class WhitelistUrlCheck {
  private static final Pattern SHAPE =
      Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^?#]*)(.*)", Pattern.DOTALL);
  private static final Pattern AUTHORITY =
      Pattern.compile("(\\[[0-9A-Fa-f:.]+\\]|[^:\\[\\]]*)(?::([0-9]*))?");
  private static final Pattern LABEL = Pattern.compile("[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?");
  private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final Pattern IPV4_ADDRESS = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");
  private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");

  private WhitelistUrlCheck() {}

  /** A problem of a URL, and the remedy. */
  record Flaw(String message, String hint) {}

  /**
   * @param schemes the allowed schemes
   */
  static Optional<Flaw> flaw(String url, java.util.List<String> schemes) {
    Matcher shape = SHAPE.matcher(url);
    if (!shape.matches()) {
      return flaw("has no scheme", "begin with " + schemes.getFirst() + "://");
    }
    if (!schemes.contains(shape.group(1).toLowerCase(Locale.ROOT))) {
      return flaw("has a scheme that is not allowed here", "use " + String.join(" or ", schemes));
    }
    if (!shape.group(4).isEmpty()) {
      return flaw(
          "has a query or fragment", "a rule ends with the path; remove ? or # and the rest");
    }
    return authorityFlaw(shape.group(2)).or(() -> pathFlaw(shape.group(3)));
  }

  private static Optional<Flaw> authorityFlaw(String authority) {
    if (authority.contains("@")) {
      return flaw("contains a user name or password", "use `headers` with ${secret:NAME}");
    }
    Matcher matcher = AUTHORITY.matcher(authority);
    if (!matcher.matches()) {
      return flaw("has no valid host", "write a host and optionally a port, like example.org:8443");
    }
    String port = matcher.group(2);
    if (port != null && !(port.matches("[0-9]{1,5}") && isPort(Integer.parseInt(port)))) {
      return flaw("has no valid port", "use 1 to 65535, or leave out the colon");
    }
    return hostFlaw(matcher.group(1));
  }

  private static boolean isPort(int port) {
    return port >= 1 && port <= 65535;
  }

  private static Optional<Flaw> hostFlaw(String host) {
    if (host.startsWith("[")) {
      return Optional.empty();
    }
    boolean wild = host.startsWith("*.");
    String name = ascii(wild ? host.substring(2) : host);
    if (name.contains("*")) {
      return flaw("has a * that is not a whole first label", "write *.example.org");
    }
    if (wild && (!name.contains(".") || IPV4.matcher(name).matches())) {
      return flaw(
          "matches too many hosts", "name at least two labels after *., like *.example.org");
    }
    for (String label : name.split("\\.", -1)) {
      if (!LABEL.matcher(label).matches()) {
        return flaw("has no valid host", "write a host name, like api.example.org");
      }
    }
    String last = name.substring(name.lastIndexOf('.') + 1);
    boolean numeric = last.matches("[0-9]+|0x[0-9a-f]*");
    return numeric && !IPV4_ADDRESS.matcher(name).matches()
        ? flaw(
            "has a host that is neither a name nor an address",
            "write an address with four numbers")
        : Optional.empty();
  }

  /** Returns the host in lower-case ASCII, or in lower case only if it cannot be converted. */
  private static String ascii(String host) {
    try {
      return IDN.toASCII(host, IDN.USE_STD3_ASCII_RULES).toLowerCase(Locale.ROOT);
    } catch (IllegalArgumentException e) {
      return host.toLowerCase(Locale.ROOT);
    }
  }

  private static Optional<Flaw> pathFlaw(String path) {
    boolean plain =
        path.codePoints().allMatch(c -> c > 32 && c != 127 && "\\\"<>^`{|}*".indexOf(c) < 0);
    if (!plain) {
      return flaw(
          "has a path with characters that are not allowed in a URL",
          "percent-encode them; a path is a prefix and needs no *");
    }
    String lower = path.toLowerCase(Locale.ROOT);
    if (lower.contains("%2f") || lower.contains("%5c") || lower.contains("%00")) {
      return flaw(
          "has an encoded / or \\ or NUL in its path", "write the path without these escapes");
    }
    if (!lower.replaceAll("%(?![0-9a-f]{2})", "").equals(lower)) {
      return flaw("has a % that does not start an escape", "write %25 for a percent sign");
    }
    for (String segment : lower.replace("%2e", ".").split("/", -1)) {
      if (segment.equals(".") || segment.equals("..")) {
        return flaw("has . or .. in its path", "write the resolved path");
      }
    }
    return Optional.empty();
  }

  private static Optional<Flaw> flaw(String message, String hint) {
    return Optional.of(new Flaw(message, hint));
  }
}
