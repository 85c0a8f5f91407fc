package io.dropserver.schema.status;

/**
 * A change of a pull request that a forge reports. Pull requests from forks are excluded.
 *
 * @param branch the head branch; {@code refs/pull/N/head} when there is no branch (AGit)
 * @param commit the commit at the head; empty if the forge does not report it
 */
public record PullRequestEvent(String branch, String commit, PullRequestChange change) {
  /** What happened to the pull request. */
  public enum PullRequestChange {
    MERGED,
    /** The pull request was closed without merging. */
    CLOSED,
    REOPENED
  }
}
