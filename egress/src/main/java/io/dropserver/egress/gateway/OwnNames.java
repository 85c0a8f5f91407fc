package io.dropserver.egress.gateway;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/** The DNS names of this instance, and its listeners. Thread-safe. */
@FunctionalInterface
public interface OwnNames {
  OwnNames NONE = Optional::empty;

  /**
   * Returns the base domain of the instance, whose subdomains are the appspaces; empty until it is
   * known.
   */
  Optional<String> domain();

  /**
   * Returns the TCP addresses at which this server listens. The wildcard address includes all
   * addresses of this server.
   */
  default List<InetSocketAddress> listeners() {
    return List.of();
  }

  default boolean contains(String name) {
    return domain()
        .filter(domain -> name.equals(domain) || name.endsWith("." + domain))
        .isPresent();
  }
}
