package io.dropserver.web.control;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Manages the secrets that the egress gateway adds to requests; implemented by the reconciler. No
 * method returns a secret's value. Thread-safe.
 */
public interface SecretControl {
  int LONGEST_VALUE = 4096;

  /**
   * The secrets that are set, and those that are missing.
   *
   * @param appspace empty for all
   */
  List<Secret> secrets(Optional<String> appspace);

  /**
   * Sets or replaces a value. It takes effect with the next request.
   *
   * @throws ControlException when the appspace does not exist, or the name or the value is invalid
   */
  void set(String appspace, String name, String value);

  /**
   * Removes a secret.
   *
   * @throws ControlException when there is no such secret
   */
  void remove(String appspace, String name);

  /**
   * @param setAt absent when the secret is not set
   * @param usedBy URLs of the whitelist entries whose headers refer to it
   */
  record Secret(
      String appspace, String name, State state, Optional<Instant> setAt, List<String> usedBy) {}

  /** The state of a secret. */
  enum State {
    SET,
    /** A whitelist refers to it, and it is not set. */
    MISSING,
    /** Set, but its encryption key was lost: it must be set again. */
    UNREADABLE,
    /**
     * Set for another app or owner than the appspace has now, or for an appspace that no longer
     * exists.
     */
    STALE
  }
}
