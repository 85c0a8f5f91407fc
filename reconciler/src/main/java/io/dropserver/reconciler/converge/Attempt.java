package io.dropserver.reconciler.converge;

/** What came of working on a key. */
enum Attempt {
  DONE,

  /** Another try may succeed; it waits longer each time. */
  FAILED,

  /** Only an edit or a person helps; another try comes after the longest wait, to be sure. */
  STUCK
}
