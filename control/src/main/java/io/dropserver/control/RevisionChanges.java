package io.dropserver.control;

import java.time.Instant;
import java.util.List;

/**
 * The changes of a revision.
 *
 * @param more how many further changes are not listed
 */
public record RevisionChanges(
    String revision, Instant at, String summary, List<RevisionChange> changes, int more) {
  /**
   * @param action {@code create}, {@code update} or {@code remove}
   * @param what one line for each changed field
   */
  public record RevisionChange(String action, String kind, String name, List<String> what) {}
}
