package io.dropserver.egress.gateway;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Resolves host names. Thread-safe. */
@FunctionalInterface
public interface Resolver {

  /** The machine's own resolver. It follows CNAME chains and returns the final addresses. */
  Resolver SYSTEM = name -> List.of(InetAddress.getAllByName(name));

  /**
   * @param name lower case, without a trailing dot, not a literal address
   * @return at least one address
   * @throws UnknownHostException when the name has no address
   */
  List<InetAddress> resolve(String name) throws UnknownHostException;
}
