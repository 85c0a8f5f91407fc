package io.dropserver.schema.host;

import java.net.InetAddress;
import java.util.Optional;

/**
 * A range of IP addresses in CIDR notation.
 *
 * @param network the network address; bits after the prefix are zero
 * @param prefix in bits
 */
public record CidrBlock(InetAddress network, int prefix) {

  /**
   * Parses a range; empty if the text is not one. A single address is a range of one. Never
   * resolves host names.
   */
  public static Optional<CidrBlock> parse(String text) {
    int slash = text.indexOf('/');
    Optional<InetAddress> address =
        LiteralAddresses.literal(slash < 0 ? text : text.substring(0, slash));
    if (address.isEmpty()) {
      return Optional.empty();
    }
    int bits = address.get().getAddress().length * 8;
    String prefixText = slash < 0 ? String.valueOf(bits) : text.substring(slash + 1);
    if (!prefixText.matches("[0-9]{1,3}") || Integer.parseInt(prefixText) > bits) {
      return Optional.empty();
    }
    CidrBlock range = new CidrBlock(address.get(), Integer.parseInt(prefixText));
    return range.hasNoHostBits() ? Optional.of(range) : Optional.empty();
  }

  public boolean contains(InetAddress address) {
    byte[] own = network.getAddress();
    byte[] other = address.getAddress();
    if (own.length != other.length) {
      return false;
    }
    for (int bit = 0; bit < prefix; bit++) {
      if (bit(own, bit) != bit(other, bit)) {
        return false;
      }
    }
    return true;
  }

  private boolean hasNoHostBits() {
    byte[] own = network.getAddress();
    for (int bit = prefix; bit < own.length * 8; bit++) {
      if (bit(own, bit)) {
        return false;
      }
    }
    return true;
  }

  private static boolean bit(byte[] bytes, int index) {
    return (bytes[index / 8] >> (7 - index % 8) & 1) == 1;
  }

  @Override
  public String toString() {
    return network.getHostAddress() + "/" + prefix;
  }
}
