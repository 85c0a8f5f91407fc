package io.dropserver.web.admin;

import java.util.Optional;

/** Decides the response of {@code /readyz}. Thread-safe. */
@FunctionalInterface
public interface ReadinessCheck {

  /** Returns why appspaces cannot be served, as one sentence; empty if they can. */
  Optional<String> problem();
}
