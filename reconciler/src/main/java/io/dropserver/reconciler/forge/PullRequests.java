package io.dropserver.reconciler.forge;

import io.dropserver.reconciler.source.WriteException;
import java.util.Optional;

/**
 * The pull requests of a forge, which GitLab calls merge requests. Calls are idempotent. Throws
 * {@link WriteException} when the forge refuses or does not respond. Thread-safe.
 */
public interface PullRequests {

  /**
   * Finds the newest pull request, in any state, of a branch. Ignores branches of forks.
   *
   * @param into the target branch
   */
  Optional<Pull> find(String branch, String into);

  /**
   * Finds a pull request by its number, in any state, also after its branch was deleted.
   *
   * @param number as in {@link Pull}
   * @param branch the head branch; a pull request of another one is ignored, because the number may
   *     come from another repository
   */
  Optional<Pull> find(long number, String branch);

  /**
   * Opens a pull request, or returns the one that is already open for the branch.
   *
   * @param title one line
   * @param body Markdown
   */
  Pull open(String branch, String into, String title, String body);

  /**
   * Closes an open pull request and adds a comment.
   *
   * @param why the comment, in Markdown
   */
  void close(Pull pull, String why);

  /**
   * A pull request.
   *
   * @param number identifies the pull request at the forge
   * @param url address of its page
   * @param head its last commit; empty if the forge does not report it
   */
  record Pull(long number, String url, String head, State state) {
    /**
     * Rejects JSON that is not a pull request, which an unrelated server such as a proxy may
     * return.
     */
    public Pull {
      if (number <= 0 || url.isEmpty()) {
        throw new WriteException(
            "the forge returned a response that is not a pull request; check that repo.write.api is"
                + " the address of its REST interface?",
            Optional.empty());
      }
    }
  }

  /** The state of a pull request. */
  enum State {
    OPEN,
    MERGED,
    /** The pull request was closed without merging, which counts as a denial. */
    CLOSED
  }
}
