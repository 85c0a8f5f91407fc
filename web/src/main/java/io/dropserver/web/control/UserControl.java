package io.dropserver.web.control;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Lets an operator manage how users log in. Thread-safe. Every method throws {@link
 * ControlException} when the operation is not possible.
 */
public interface UserControl {

  /** The users that the served revision declares, ordered by name. */
  List<User> users();

  /**
   * Creates a one-time login link that is valid for 24 hours.
   *
   * @param direct whether opening the link logs the user in without a button; anything that opens
   *     such a link in a browser uses it up
   * @return the whole URL, which is a secret
   */
  String enroll(String user, boolean direct);

  /**
   * Ends one session of a user, or all of them together with the unopened login links.
   *
   * @return how many sessions ended
   */
  int revoke(String user, Optional<String> session);

  /** Removes a credential permanently and ends all sessions of the user. */
  void forget(String user, String credential);

  /**
   * @param role {@code admin} or {@code member}
   * @param sessions most recently used first
   */
  record User(
      String name,
      String displayName,
      String role,
      List<Credential> credentials,
      List<Session> sessions) {}

  /**
   * @param kind {@code password} or {@code passkey}
   * @param label the name that the person gave it
   */
  record Credential(
      String id, String kind, String label, Instant created, Optional<Instant> used) {}

  /**
   * @param method {@code link}, {@code password} or {@code passkey}
   * @param agent the browser's {@code User-Agent}: untrusted
   */
  record Session(
      String id, String method, String address, String agent, Instant created, Instant used) {}
}
