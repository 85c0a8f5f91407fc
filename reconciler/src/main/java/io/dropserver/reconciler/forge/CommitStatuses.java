package io.dropserver.reconciler.forge;

/**
 * What a forge shows beside a commit. Each call may be repeated. Throws {@link
 * io.dropserver.reconciler.source.WriteException} when the forge does not answer or refuses.
 */
@FunctionalInterface
public interface CommitStatuses {
  /** Forges cut or refuse what is longer. */
  int LONGEST = 140;

  /**
   * @param commit 40 hex digits
   * @param description one line of at most {@link #LONGEST} characters
   */
  void set(String commit, boolean good, String description);
}
