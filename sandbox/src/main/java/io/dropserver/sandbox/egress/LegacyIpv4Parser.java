package io.dropserver.sandbox.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * Parses IPv4 addresses in the spellings of C's {@code inet_aton}: one to four parts, each decimal,
 * octal or hexadecimal, where the last part fills the remaining bytes. Java's parser interprets
 * {@code 0177.0.0.1} differently, so it is never used.
 */
final class LegacyIpv4Parser {
  private static final int MAX_DIGITS = 16;

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
    if (parts.length > 4) {
      return Optional.empty();
    }
    long address = 0;
    for (int i = 0; i < parts.length; i++) {
      boolean last = i == parts.length - 1;
      Optional<Long> value = number(parts[i]);
      // The last part fills the remaining bytes.
      long bound = last ? 1L << (8 * (4 - i)) : 256;
      if (value.isEmpty() || value.get() >= bound) {
        return Optional.empty();
      }
      address = last ? (address << (8 * (4 - i))) | value.get() : (address << 8) | value.get();
    }
    byte[] bytes = {
      (byte) (address >> 24), (byte) (address >> 16), (byte) (address >> 8), (byte) address
    };
    try {
      return Optional.of(InetAddress.getByAddress(bytes));
    } catch (UnknownHostException e) {
      throw new AssertionError("four bytes are an address", e);
    }
  }

  private static Optional<Long> number(String text) {
    int radix = 10;
    String digits = text;
    if (text.startsWith("0x")) {
      radix = 16;
      digits = text.substring(2);
    } else if (text.length() > 1 && text.startsWith("0")) {
      radix = 8;
      digits = text.substring(1);
    }
    if (digits.isEmpty()) {
      return radix == 16 ? Optional.of(0L) : Optional.empty();
    }
    if (digits.length() > MAX_DIGITS) {
      return Optional.empty();
    }
    for (int i = 0; i < digits.length(); i++) {
      char c = digits.charAt(i);
      if (c > 'f' || Character.digit(c, radix) < 0) {
        return Optional.empty();
      }
    }
    return Optional.of(Long.parseLong(digits, radix));
  }
}
