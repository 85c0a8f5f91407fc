package io.dropserver.web.client;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * The unit to which limits per client apply: an IPv4 address, or an IPv6 /64, which is the smallest
 * network that a provider assigns to a customer.
 *
 * @param name the address, or the first address of the network followed by {@code /64}
 */
public record ClientKey(String name) {
  private static final int NETWORK_BYTES = 8;
  private static final int ADDRESS_BYTES = 16;

  /** The key of all requests from apps to other appspaces. These requests share one limit. */
  public static final ClientKey APPS = new ClientKey("apps");

  public static ClientKey of(InetAddress address) {
    if (!(address instanceof Inet6Address)) {
      return new ClientKey(address.getHostAddress());
    }
    byte[] network = Arrays.copyOf(address.getAddress(), NETWORK_BYTES);
    try {
      // Without the scope ID, a link-local address is the same client on all interfaces.
      InetAddress first = InetAddress.getByAddress(Arrays.copyOf(network, ADDRESS_BYTES));
      return new ClientKey(first.getHostAddress() + "/64");
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an IPv6 address has 16 bytes", e);
    }
  }
}
