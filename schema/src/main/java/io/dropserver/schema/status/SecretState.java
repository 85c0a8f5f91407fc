package io.dropserver.schema.status;

/** The state of a secret. */
public enum SecretState {
  SET,
  /** The secret is not set, although a whitelist refers to it. */
  MISSING,
  /** The secret is set, but its encryption key was lost. It must be set again. */
  UNREADABLE,
  /**
   * The secret was set for another app or owner than the appspace has now, or for an appspace that
   * no longer exists.
   */
  STALE
}
