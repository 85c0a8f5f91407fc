package io.dropserver.web.admin;

/** Whether the server can do its work. Thread-safe. */
@FunctionalInterface
public interface Readiness {

  /** Whether requests are answered from a host table that came out of the repository. */
  boolean ready();
}
