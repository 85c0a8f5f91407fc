package io.dropserver.sandbox.egress.gateway;

import java.util.Optional;

/** The names that this instance itself answers under. Thread-safe. */
@FunctionalInterface
public interface OwnNames {
  OwnNames NONE = Optional::empty;

  /** The domain that the shell and, below it, the appspaces have; empty before it is known. */
  Optional<String> domain();

  default boolean contain(String name) {
    return domain()
        .filter(domain -> name.equals(domain) || name.endsWith("." + domain))
        .isPresent();
  }
}
