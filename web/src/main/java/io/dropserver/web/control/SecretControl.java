package io.dropserver.web.control;

import io.dropserver.schema.status.SecretStatus;
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
  List<SecretStatus> secrets(Optional<String> appspace);

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
}
