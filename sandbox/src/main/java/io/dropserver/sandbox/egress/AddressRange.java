package io.dropserver.sandbox.egress;

import java.math.BigInteger;
import java.net.InetAddress;

/** A CIDR range, {@code 192.168.0.0/16} or {@code fc00::/7}. Immutable. */
public final class AddressRange {
  private final byte[] prefix;
  private final int bits;

  private AddressRange(byte[] prefix, int bits) {
    this.prefix = prefix;
    this.bits = bits;
  }

  /**
   * @param text an address, optionally followed by a slash and the number of leading bits; without
   *     the number, the range contains only that address
   * @throws DestinationException when the text has another form
   */
  public static AddressRange parse(String text) {
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    InetAddress parsed =
        Host.parse(address.indexOf(':') >= 0 ? "[" + address + "]" : address)
            .literal()
            .orElseThrow(() -> new DestinationException(text + " is not an address range"));
    int width = parsed.getAddress().length * 8;
    int bits = slash < 0 ? width : bits(text, slash, width);
    return new AddressRange(parsed.getAddress(), bits);
  }

  private static int bits(String text, int slash, int width) {
    String digits = text.substring(slash + 1);
    if (digits.isEmpty() || digits.length() > 3 || !digits.chars().allMatch(Character::isDigit)) {
      throw new DestinationException(text + " is not an address range");
    }
    int bits = Integer.parseInt(digits);
    if (bits > width) {
      throw new DestinationException(text + " has more than " + width + " leading bits");
    }
    return bits;
  }

  public boolean contains(InetAddress address) {
    return contains(address.getAddress());
  }

  boolean contains(byte[] address) {
    // The two may differ only in the bits after the prefix.
    return address.length == prefix.length
        && new BigInteger(1, address).xor(new BigInteger(1, prefix)).bitLength()
            <= 8 * prefix.length - bits;
  }
}
