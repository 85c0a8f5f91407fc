package io.dropserver.control;

import java.util.List;
import java.util.Optional;

/**
 * Lets an operator manage how users log in. Thread-safe. Every method throws {@link
 * ControlException} when the operation is not possible.
 */
public interface UserControl {

  /** Returns the users that the served revision declares, ordered by name. */
  List<UserStatus> users();

  /**
   * Creates a one-time login link that is valid for 24 hours.
   *
   * @param direct whether opening the link logs the user in without a button; anything that opens
   *     such a link in a browser uses it up
   * @return the whole URL, which is a secret
   */
  String enroll(String user, boolean direct);

  /** Ends one session of a user, or all of them together with an unused login link. */
  EndedAccess revoke(String user, Optional<String> session);

  /**
   * Removes a credential permanently, and ends all sessions and an unused login link of the user.
   */
  EndedAccess forget(String user, String credential);
}
