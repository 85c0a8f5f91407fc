package io.dropserver.control;

/**
 * A change of a pull request that a forge reports. Pull requests from forks are excluded.
 *
 * @param number identifies the pull request at the forge; 0 if the delivery does not contain it
 * @param branch the head branch; {@code refs/pull/N/head} when there is no branch (AGit, or Gitea
 *     after the branch was deleted)
 * @param commit the commit at the head; empty if the forge does not report it
 */
public record PullRequestEvent(
    long number, String branch, String commit, PullRequestChange change) {
  /** What happened to the pull request. */
  public enum PullRequestChange {
    MERGED,
    /** The pull request was closed without merging. */
    CLOSED,
    REOPENED
  }
}
