package io.dropserver.sandbox.egress.gateway;

import java.util.Optional;

/** The names of this instance itself. Thread-safe. */
@FunctionalInterface
public interface OwnNames {
  OwnNames NONE = Optional::empty;

  /** The domain of the shell. Appspaces are subdomains of it. Empty until it is known. */
  Optional<String> domain();

  default boolean contains(String name) {
    return domain()
        .filter(domain -> name.equals(domain) || name.endsWith("." + domain))
        .isPresent();
  }
}
