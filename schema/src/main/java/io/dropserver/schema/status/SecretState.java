package io.dropserver.schema.status;

/** The state of a secret. */
public enum SecretState {
  SET,
  /** A whitelist refers to it, and it is not set. */
  MISSING,
  /** Set, but its encryption key was lost. It must be set again. */
  UNREADABLE,
  /**
   * Set for another app or owner than the appspace has now, or for an appspace that no longer
   * exists.
   */
  STALE
}
