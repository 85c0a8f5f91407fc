package io.dropserver.schema.host;

import java.math.BigInteger;
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
    // The two may differ only in the bits after the prefix.
    return own.length == other.length
        && new BigInteger(1, own).xor(new BigInteger(1, other)).bitLength() <= hostBits();
  }

  private boolean hasNoHostBits() {
    BigInteger own = new BigInteger(1, network.getAddress());
    return own.signum() == 0 || own.getLowestSetBit() >= hostBits();
  }

  private int hostBits() {
    return network.getAddress().length * 8 - prefix;
  }

  @Override
  public String toString() {
    return network.getHostAddress() + "/" + prefix;
  }
}
