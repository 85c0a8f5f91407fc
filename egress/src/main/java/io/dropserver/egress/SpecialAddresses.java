package io.dropserver.egress;

import io.dropserver.schema.host.CidrBlock;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.Stream;

/**
 * Detects addresses that are never a public destination: those of the IANA special-purpose
 * registries (RFC 6890), forms that embed or translate an IPv4 address, and cloud metadata
 * services.
 *
 * <p>Classifies bytes instead of text, because one address has many spellings.
 */
public final class SpecialAddresses {

  private static final List<CidrBlock> NEVER_PUBLIC_4 =
      ranges(
          "0.0.0.0/8",
          "10.0.0.0/8",
          "100.64.0.0/10",
          "127.0.0.0/8",
          "168.63.129.16/32",
          "169.254.0.0/16",
          "172.16.0.0/12",
          "192.0.0.0/24",
          "192.0.2.0/24",
          "192.31.196.0/24",
          "192.52.193.0/24",
          "192.88.99.0/24",
          "192.168.0.0/16",
          "192.175.48.0/24",
          "198.18.0.0/15",
          "198.51.100.0/24",
          "203.0.113.0/24",
          "224.0.0.0/4",
          "240.0.0.0/4");

  /** Ranges inside 2000::/3, the only public IPv6 range, that are not public. */
  private static final List<CidrBlock> NEVER_PUBLIC_6 =
      ranges("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20");

  private static final CidrBlock GLOBAL_UNICAST_6 = range("2000::/3");

  private SpecialAddresses() {}

  /**
   * Returns whether a connection to this address is allowed without a range opened by the operator.
   */
  public static boolean isPublic(InetAddress address) {
    if (address instanceof Inet4Address) {
      return NEVER_PUBLIC_4.stream().noneMatch(range -> range.contains(address));
    }
    return GLOBAL_UNICAST_6.contains(address)
        && NEVER_PUBLIC_6.stream().noneMatch(range -> range.contains(address));
  }

  /**
   * Converts an IPv4-mapped address in {@code ::ffff:0:0/96} to the IPv4 address that a connection
   * would use. Returns other addresses unchanged.
   */
  public static InetAddress unmapped(InetAddress address) {
    InetAddress plain = withoutZone(address);
    return plain instanceof Inet4Address ? plain : address;
  }

  /** Returns an address without name and zone. Java converts an IPv4-mapped address to IPv4. */
  public static InetAddress withoutZone(InetAddress address) {
    try {
      return InetAddress.getByAddress(address.getAddress());
    } catch (UnknownHostException e) {
      throw new AssertionError("an address has as many bytes as an address", e);
    }
  }

  private static List<CidrBlock> ranges(String... texts) {
    return Stream.of(texts).map(SpecialAddresses::range).toList();
  }

  private static CidrBlock range(String text) {
    return CidrBlock.parse(text).orElseThrow();
  }
}
