package io.dropserver.reconciler.forge;

import io.dropserver.reconciler.source.WriteException;
import java.util.Optional;

/**
 * Pull requests of a forge; GitLab calls them merge requests. Each call may be repeated. Throws
 * {@link WriteException} when the forge does not answer or refuses.
 */
public interface PullRequests {

  /**
   * The newest one of a branch of the repository itself, whatever became of it.
   *
   * @param into the branch that it asks to be merged into
   */
  Optional<Pull> find(String branch, String into);

  /**
   * The branch's open one is given where there is one already.
   *
   * @param title one line
   * @param body Markdown
   */
  Pull open(String branch, String into, String title, String body);

  /**
   * Closes one that is open, and says why in a comment.
   *
   * @param why Markdown
   */
  void close(Pull pull, String why);

  /**
   * @param number by which the forge names it
   * @param url for people
   * @param head the commit that it was about last; empty while the forge does not know
   */
  record Pull(long number, String url, String head, State state) {
    /** A proxy's answer may be JSON and no pull request at all. */
    public Pull {
      if (number <= 0 || url.isEmpty()) {
        throw new WriteException(
            "the forge answers what is no pull request; is repo.write.api the address of its REST"
                + " interface?",
            Optional.empty());
      }
    }
  }

  /** What became of it. */
  enum State {
    OPEN,
    MERGED,
    /** Closed without merging: a no. */
    CLOSED
  }
}
