package io.dropserver.web.admin;

/** Decides the response of {@code /readyz}. Thread-safe. */
@FunctionalInterface
public interface ReadinessCheck {

  /** Returns whether requests are routed by a host table of a revision. */
  boolean ready();
}
