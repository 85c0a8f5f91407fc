package io.dropserver.reconciler.forge;

import io.dropserver.reconciler.source.WriteException;
import java.util.Optional;

/**
 * Pull requests of a forge; GitLab calls them merge requests. Calls are idempotent. Throws {@link
 * WriteException} when the forge refuses or does not respond.
 */
public interface PullRequests {

  /**
   * The newest pull request of a branch of the repository itself, in any state.
   *
   * @param into the target branch
   */
  Optional<Pull> find(String branch, String into);

  /**
   * Opens a pull request, or returns the one that is already open for the branch.
   *
   * @param title one line
   * @param body Markdown
   */
  Pull open(String branch, String into, String title, String body);

  /**
   * Closes an open pull request and explains why in a comment.
   *
   * @param why Markdown
   */
  void close(Pull pull, String why);

  /**
   * A pull request.
   *
   * @param number identifies it at the forge
   * @param url address of its page
   * @param head its last commit; empty while the forge does not know it
   */
  record Pull(long number, String url, String head, State state) {
    /** An unrelated server, such as a proxy, may answer with JSON that is not a pull request. */
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
    /** Closed without merging, which means denied. */
    CLOSED
  }
}
