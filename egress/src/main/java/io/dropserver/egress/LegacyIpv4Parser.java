package io.dropserver.egress;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Parses IPv4 addresses in the spellings of C's {@code inet_aton}: one to four parts, each decimal,
 * octal or hexadecimal, where the last part fills the remaining bytes. {@link
 * InetAddress#getByName} interprets {@code 0177.0.0.1} differently, so it is never used.
 */
final class LegacyIpv4Parser {
  /** Java does not detect an overflow in a longer part. */
  private static final int MAX_PART_LENGTH = 16;

  private LegacyIpv4Parser() {}

  /** Returns whether a host with this last label can only be an address. */
  static boolean looksNumeric(String label) {
    if (label.isEmpty()) {
      return false;
    }
    if (label.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return true;
    }
    return label.startsWith("0x")
        && label.substring(2).chars().allMatch(c -> Character.digit(c, 16) >= 0);
  }

  static Optional<InetAddress> parse(String[] parts) {
    List<String> numbers = new ArrayList<>();
    for (String part : parts) {
      if (part.length() > MAX_PART_LENGTH) {
        return Optional.empty();
      }
      // The URL standard reads 0x as 0. Java refuses it.
      numbers.add(part.equals("0x") ? "0" : part);
    }
    try {
      return Optional.of(Inet4Address.ofPosixLiteral(String.join(".", numbers)));
    } catch (IllegalArgumentException malformed) {
      return Optional.empty();
    }
  }
}
