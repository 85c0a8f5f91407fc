package io.dropserver.web.client;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * A client as rate and connection limits count it: one IPv4 address or one IPv6 /64, which is the
 * smallest network that a provider assigns to a customer.
 *
 * @param name the address, or the first address of the network followed by {@code /64}
 */
public record ClientKey(String name) {
  private static final int NETWORK_BYTES = 8;
  private static final int ADDRESS_BYTES = 16;

  /** All apps of this server that call other appspaces, counted together. */
  public static final ClientKey APPS = new ClientKey("apps");

  public static ClientKey of(InetAddress address) {
    if (!(address instanceof Inet6Address)) {
      return new ClientKey(address.getHostAddress());
    }
    byte[] network = Arrays.copyOf(address.getAddress(), NETWORK_BYTES);
    try {
      // The scope of a link-local address is dropped, so that all its interfaces count as one
      // client.
      InetAddress first = InetAddress.getByAddress(Arrays.copyOf(network, ADDRESS_BYTES));
      return new ClientKey(first.getHostAddress() + "/64");
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an IPv6 address has 16 bytes", e);
    }
  }
}
