package io.dropserver.control;

/** The state of a secret. */
public enum SecretState {
  SET,
  /** The secret is in the repository, encrypted. */
  DECLARED,
  /** The secret is in the repository and also set on the server, so neither value is used. */
  CONFLICTING,
  /** The secret is not set, although a whitelist refers to it. */
  MISSING,
  /** The secret has a value, but it cannot be decrypted, for example because a key was lost. */
  UNREADABLE,
  /**
   * The secret was set for another app or owner than the appspace has now, or for an appspace that
   * no longer exists.
   */
  STALE
}
