package io.dropserver.web.admin;

/** Whether the server is ready to serve. Thread-safe. */
@FunctionalInterface
public interface ReadinessCheck {

  /** Whether the server answers requests from a host table that was read from the repository. */
  boolean ready();
}
