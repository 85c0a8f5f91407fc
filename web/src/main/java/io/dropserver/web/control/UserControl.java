package io.dropserver.web.control;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How users log in, as an operator looks after it. Thread-safe. Every method throws {@link
 * ControlException} when it cannot be done.
 */
public interface UserControl {

  /** Those whom the revision in service declares, by name. */
  List<User> users();

  /**
   * Makes a one-time link that works for 24 hours.
   *
   * @param direct whether opening it is enough, without pressing a button; such a link is used up
   *     by whatever opens it in a browser
   * @return its whole URL: a secret
   */
  String enroll(String user, boolean direct);

  /**
   * Ends a session, or all of a user's with the links that nobody has opened.
   *
   * @return how many sessions ended
   */
  int revoke(String user, Optional<String> session);

  /** Removes a credential for good, and ends all of the user's sessions. */
  void forget(String user, String credential);

  /**
   * @param role {@code admin} or {@code member}
   * @param sessions the last used first
   */
  record User(
      String name,
      String displayName,
      String role,
      List<Credential> credentials,
      List<Session> sessions) {}

  /**
   * @param kind {@code password} or {@code passkey}
   * @param label what the person calls it
   */
  record Credential(
      String id, String kind, String label, Instant created, Optional<Instant> used) {}

  /**
   * @param method {@code link}, {@code password} or {@code passkey}
   * @param agent what the browser calls itself: untrusted
   */
  record Session(
      String id, String method, String address, String agent, Instant created, Instant used) {}
}
