package io.dropserver.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;

/** The host of a destination. */
public sealed interface Host {

  /** Returns the host as written in a URL, with an IPv6 address in brackets. */
  String authority();

  /**
   * A DNS name.
   *
   * @param name lower case, without a trailing dot
   */
  record Name(String name) implements Host {
    @Override
    public String authority() {
      return name;
    }
  }

  /** A literal address. Special-purpose addresses are refused later, like resolved ones. */
  record Address(InetAddress address) implements Host {
    @Override
    public String authority() {
      String text = address.getHostAddress();
      return text.indexOf(':') >= 0 ? "[" + text + "]" : text;
    }
  }

  /**
   * Parses a host like the WHATWG URL standard: a name whose last label is a number must be an IPv4
   * address in one of its legacy spellings.
   *
   * @throws DestinationException when it is neither a name nor an address
   */
  static Host parse(String text) {
    if (text.startsWith("[")) {
      return address6(text);
    }
    String lower = text.toLowerCase(Locale.ROOT);
    String name = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    if (name.isEmpty()) {
      throw new DestinationException("the URL has no host");
    }
    String[] labels = name.split("\\.", -1);
    String last = labels[labels.length - 1];
    if (LegacyIpv4Parser.looksNumeric(last)) {
      return new Address(
          LegacyIpv4Parser.parse(labels)
              .orElseThrow(() -> new DestinationException("the host is a malformed IPv4 address")));
    }
    for (String label : labels) {
      checkLabel(label);
    }
    if (name.length() > 253) {
      throw new DestinationException("the host name is longer than 253 characters");
    }
    return new Name(name);
  }

  private static void checkLabel(String label) {
    if (label.isEmpty() || label.length() > 63) {
      throw new DestinationException(
          "the host name has a label that is empty or over 63 characters");
    }
    for (int i = 0; i < label.length(); i++) {
      char c = label.charAt(i);
      boolean allowed = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
      if (!allowed) {
        throw new DestinationException(
            "the host name contains a character that is not allowed: " + c);
      }
    }
  }

  private static Host address6(String text) {
    if (!text.endsWith("]")) {
      throw new DestinationException("the IPv6 address has no closing bracket");
    }
    String inner = text.substring(1, text.length() - 1);
    if (inner.indexOf('%') >= 0) {
      throw new DestinationException("the IPv6 address names a zone");
    }
    boolean plausible =
        inner.indexOf(':') >= 0
            && inner.chars().allMatch(c -> Character.digit(c, 16) >= 0 || c == ':' || c == '.');
    if (!plausible) {
      throw new DestinationException("the IPv6 address is malformed");
    }
    try {
      // This makes no DNS lookup: Java parses a text with a colon only as a literal.
      return new Address(InetAddress.getByName(inner));
    } catch (UnknownHostException e) {
      throw new DestinationException("the IPv6 address is malformed");
    }
  }

  /** Returns the address, if the host is a literal address. */
  default Optional<InetAddress> literal() {
    return switch (this) {
      case Address address -> Optional.of(address.address());
      case Name name -> Optional.empty();
    };
  }
}
