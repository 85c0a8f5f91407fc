package io.dropserver.sandbox.egress.gateway;

import io.dropserver.sandbox.egress.AddressRange;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;

/**
 * What the operator of this machine opened: never the repository.
 *
 * @param open special-purpose ranges that whitelisted destinations may lie in
 * @param hosts addresses of names, which are then not looked up; lower case
 */
public record Openings(List<AddressRange> open, Map<String, InetAddress> hosts) {
  public static final Openings NONE = new Openings(List.of(), Map.of());

  public Openings {
    open = List.copyOf(open);
    hosts = Map.copyOf(hosts);
  }

  public boolean contain(InetAddress address) {
    return open.stream().anyMatch(range -> range.contains(address));
  }
}
