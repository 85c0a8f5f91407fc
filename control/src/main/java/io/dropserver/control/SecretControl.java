package io.dropserver.control;

import java.util.List;
import java.util.Optional;

/**
 * Manages the secrets that the egress gateway adds to requests; implemented by the reconciler. No
 * method returns a secret's value. Thread-safe.
 */
public interface SecretControl {
  int LONGEST_VALUE = 4096;

  /**
   * Returns the secrets that are set, and those that are not set although whitelists refer to them.
   *
   * @param appspace empty for all
   */
  List<SecretStatus> secrets(Optional<String> appspace);

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
}
