package io.dropserver.web.hook;

/**
 * What a forge says of a pull request of the repository itself.
 *
 * @param branch that it asks to be merged; {@code refs/pull/N/head} where there is no branch (AGit)
 * @param commit its head; empty when the forge does not say
 */
public record PullRequestNews(String branch, String commit, Change change) {
  /** What a person did. */
  public enum Change {
    MERGED,
    /** Closed without merging. */
    CLOSED,
    REOPENED
  }
}
