package io.dropserver.control;

import java.util.List;

/**
 * Lets an operator decide about new versions of apps without a forge. Every method throws {@link
 * ControlException} when the operation is not possible. Thread-safe.
 */
public interface UpdateControl {
  /** Returns the versions that wait for a decision, ordered by app and version. */
  List<UpdateStatus> updates();

  /**
   * Commits an update to the followed branch in a person's name.
   *
   * @param commit the commit that the person saw; refused if the offer was written again since
   * @param by the person's name
   */
  void merge(String app, String version, String commit, String by);

  /**
   * Declines a version. It is not offered again.
   *
   * @param by the person's name, for the comment in a pull request
   */
  void decline(String app, String version, String by);
}
