package io.dropserver.schema.status;

/** How a secret stands. */
public enum SecretState {
  SET,
  /** A whitelist names it and nobody has set it. */
  MISSING,
  /** Set, and its key was lost since: set it again. */
  UNREADABLE,
  /** Set for another app or owner than the appspace has now, or the appspace is gone. */
  STALE
}
