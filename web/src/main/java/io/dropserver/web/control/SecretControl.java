package io.dropserver.web.control;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The secrets that the egress gateway adds to requests, as a person sets them; implemented by the
 * reconciler. Nothing here ever gives a value back. Thread-safe.
 */
public interface SecretControl {
  int LONGEST_VALUE = 4096;

  /**
   * What is set, and what is not set and should be.
   *
   * @param appspace empty for all
   */
  List<Secret> secrets(Optional<String> appspace);

  /**
   * Replaces an earlier value. It is used from the next request on.
   *
   * @throws ControlException when there is no such appspace, or the name or value is none
   */
  void set(String appspace, String name, String value);

  /**
   * @throws ControlException when there is none
   */
  void remove(String appspace, String name);

  /**
   * @param setAt absent where it is not set
   * @param usedBy URLs of whitelist entries whose headers name it
   */
  record Secret(
      String appspace, String name, State state, Optional<Instant> setAt, List<String> usedBy) {}

  /** How a secret stands. */
  enum State {
    SET,
    /** A whitelist names it and nobody has set it. */
    MISSING,
    /** Set, and its key was lost since: set it again. */
    UNREADABLE,
    /** Set for another app or owner than the appspace has now, or the appspace is gone. */
    STALE
  }
}
