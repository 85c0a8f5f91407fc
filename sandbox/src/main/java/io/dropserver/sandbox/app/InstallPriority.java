package io.dropserver.sandbox.app;

/** The order in which waiting installations are prepared. */
public enum InstallPriority {
  NORMAL,

  /**
   * For an installation that repeats a failed one. At most one of them is prepared at a time, so
   * that new versions need not wait for versions that may fail again.
   */
  LOW
}
