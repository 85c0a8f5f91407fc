package io.dropserver.sandbox.egress.gateway;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Looks names up. Thread-safe. */
@FunctionalInterface
public interface Resolver {

  /** The machine's own: its resolver follows CNAME chains, what counts is where they end. */
  Resolver SYSTEM = name -> List.of(InetAddress.getAllByName(name));

  /**
   * @param name lower case, without a trailing dot, not a literal address
   * @return at least one address
   * @throws UnknownHostException when there is none
   */
  List<InetAddress> resolve(String name) throws UnknownHostException;
}
