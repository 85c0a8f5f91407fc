package io.dropserver.reconciler.source;

/** How requests are put up by pushing. */
public enum PushStyle {
  /** Branches, and nothing else. */
  BRANCHES,
  /** GitLab opens a merge request for a branch that is pushed with options. */
  GITLAB,
  /** Gitea and Forgejo make a pull request of what is pushed to {@code refs/for/BRANCH} (AGit). */
  AGIT
}
