package io.dropserver.sandbox.egress.gateway;

import java.util.Optional;

/** The DNS names of this instance. Thread-safe. */
@FunctionalInterface
public interface OwnNames {
  OwnNames NONE = Optional::empty;

  /**
   * Returns the base domain of the instance, whose subdomains are the appspaces; empty until it is
   * known.
   */
  Optional<String> domain();

  default boolean contains(String name) {
    return domain()
        .filter(domain -> name.equals(domain) || name.endsWith("." + domain))
        .isPresent();
  }
}
