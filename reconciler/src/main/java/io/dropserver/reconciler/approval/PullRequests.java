package io.dropserver.reconciler.approval;

import java.util.Optional;

/**
 * Pull requests of a forge. Each call may be repeated. Throws {@link
 * io.dropserver.reconciler.source.WriteException} when the forge does not answer or refuses.
 */
public interface PullRequests {

  /** The newest one of a branch, whatever became of it. */
  Optional<Pull> find(String branch);

  /**
   * @param title one line
   * @param body Markdown
   */
  Pull open(String branch, String into, String title, String body);

  /**
   * @param url for people
   * @param head the commit that it was about last
   */
  record Pull(String url, String head, State state) {}

  /** What became of it. */
  enum State {
    OPEN,
    MERGED,
    /** Closed without merging: a no. */
    CLOSED
  }
}
