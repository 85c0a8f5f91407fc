package io.dropserver.web.control;

import io.dropserver.schema.status.UserStatus;
import java.util.List;
import java.util.Optional;

/**
 * How users log in, as an operator looks after it. Thread-safe. Every method throws {@link
 * ControlException} when it cannot be done.
 */
public interface UserControl {

  /** Those whom the revision in service declares, by name. */
  List<UserStatus> users();

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
}
