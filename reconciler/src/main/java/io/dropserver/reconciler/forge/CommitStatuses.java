package io.dropserver.reconciler.forge;

/**
 * Sets the status that a forge shows next to a commit. Calls are idempotent. Throws {@link
 * io.dropserver.reconciler.source.WriteException} when the forge refuses or does not respond.
 * Thread-safe.
 */
@FunctionalInterface
public interface CommitStatuses {
  /** Maximum length of a description. Forges truncate or refuse longer ones. */
  int MAX_LENGTH = 140;

  /**
   * @param commit 40 hex digits
   * @param description one line of at most {@link #MAX_LENGTH} characters
   */
  void set(String commit, boolean good, String description);
}
