package io.dropserver.reconciler.converge;

/** The result of one attempt at a key. */
enum ReconcileResult {
  DONE,

  /** Another attempt may succeed; the delay grows with each failure. */
  FAILED,

  /**
   * Only an edit or a person can help. The next attempt follows after the longest delay, as a
   * safety net.
   */
  STUCK
}
