package io.dropserver.web.client;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * A client as bounds count it: one IPv4 address, or one IPv6 /64, which is the least that a
 * provider assigns to one customer.
 *
 * @param name the address, or the network's first address and {@code /64}
 */
public record Client(String name) {
  private static final int NETWORK_BYTES = 8;
  private static final int ADDRESS_BYTES = 16;

  /** Apps of this server that call other appspaces, all together. */
  public static final Client APPS = new Client("apps");

  public static Client of(InetAddress address) {
    if (!(address instanceof Inet6Address)) {
      return new Client(address.getHostAddress());
    }
    byte[] network = Arrays.copyOf(address.getAddress(), NETWORK_BYTES);
    try {
      // Without the scope of a link-local address: all of its interfaces are one client.
      InetAddress first = InetAddress.getByAddress(Arrays.copyOf(network, ADDRESS_BYTES));
      return new Client(first.getHostAddress() + "/64");
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an IPv6 address has 16 bytes", e);
    }
  }
}
