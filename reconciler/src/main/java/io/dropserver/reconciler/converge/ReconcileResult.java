package io.dropserver.reconciler.converge;

/** The result of one attempt at a key. */
enum ReconcileResult {
  DONE,

  /** A retry may succeed. The delay grows with each failure. */
  FAILED,

  /**
   * Needs a change of the repository or an operator's action. As a safety net, the next attempt
   * follows after the longest backoff.
   */
  STUCK
}
