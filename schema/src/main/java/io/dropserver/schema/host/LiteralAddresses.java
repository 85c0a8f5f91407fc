package io.dropserver.schema.host;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parses literal IP addresses. Never resolves host names. */
final class LiteralAddresses {
  private static final Pattern IPV4 =
      Pattern.compile("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}");
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
  private static final Pattern SOCKET =
      Pattern.compile("(?:\\[([^\\[\\]]+)\\]|([^:]+)):([0-9]{1,5})");

  private LiteralAddresses() {}

  static Optional<InetAddress> literal(String text) {
    // InetAddress also accepts 127.1 and 0177.0.0.1, which other programs interpret differently.
    if (!IPV4.matcher(text).matches() && !IPV6.matcher(text).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.ofLiteral(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Parses an address and a port. {@code localhost} means 127.0.0.1. */
  static Optional<InetSocketAddress> socket(String text) {
    Matcher matcher = SOCKET.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String host = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
    Optional<InetAddress> address = literal(host.equals("localhost") ? "127.0.0.1" : host);
    int port = Integer.parseInt(matcher.group(3));
    return address
        .filter(a -> port <= 65535)
        .map(a -> InetSocketAddress.createUnresolved(a.getHostAddress(), port));
  }
}
