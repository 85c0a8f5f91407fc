package io.dropserver.reconciler.source;

/** How approval requests are created with {@code git push}. */
public enum PushStyle {
  /** The server pushes plain branches, without a pull request. */
  BRANCHES,
  /** GitLab opens a merge request for a branch that is pushed with push options. */
  GITLAB,
  /** Gitea and Forgejo create a pull request from a push to {@code refs/for/BRANCH} (AGit). */
  AGIT
}
