package io.dropserver.egress.gateway;

import java.util.Optional;

/** The secrets of appspaces, which the gateway adds to requests. Thread-safe. */
@FunctionalInterface
public interface Secrets {

  /** Contains no secrets. */
  Secrets NONE = (appspace, name) -> Optional.empty();

  Optional<String> find(String appspace, String name);
}
