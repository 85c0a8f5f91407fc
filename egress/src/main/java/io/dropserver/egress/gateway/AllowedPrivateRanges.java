package io.dropserver.egress.gateway;

import io.dropserver.schema.host.CidrBlock;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;

/**
 * Exceptions to the address rules that the operator of this machine allows. They never come from
 * the instance repository.
 *
 * @param open special-purpose ranges that whitelisted destinations may use
 * @param hosts fixed addresses of names, which are not looked up; lower case
 */
public record AllowedPrivateRanges(List<CidrBlock> open, Map<String, InetAddress> hosts) {
  public static final AllowedPrivateRanges NONE = new AllowedPrivateRanges(List.of(), Map.of());

  public AllowedPrivateRanges {
    open = List.copyOf(open);
    hosts = Map.copyOf(hosts);
  }

  public boolean contains(InetAddress address) {
    return open.stream().anyMatch(range -> range.contains(address));
  }
}
