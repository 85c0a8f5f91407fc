package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxException;
import java.util.EnumSet;
import java.util.Set;

/**
 * The one owner of a sandbox's freezer: its processes run only while no reason is left to freeze
 * them. Safe for use by several threads.
 */
final class Freezer {
  private final Sandbox sandbox;
  private final Set<Reason> reasons = EnumSet.noneOf(Reason.class); // guarded by this

  enum Reason {
    /** Its data is copied. */
    BACKUP,

    /** It writes faster than the disk can be measured. */
    DISK
  }

  Freezer(Sandbox sandbox) {
    this.sandbox = sandbox;
  }

  /**
   * Returns when no process of the sandbox runs.
   *
   * @throws SandboxException when they cannot be stopped; they run on then
   */
  synchronized void freeze(Reason reason) {
    if (reasons.isEmpty()) {
      try {
        sandbox.freeze();
      } catch (SandboxException e) {
        run();
        throw e;
      }
    }
    reasons.add(reason);
  }

  synchronized void thaw(Reason reason) {
    if (reasons.remove(reason) && reasons.isEmpty()) {
      run();
    }
  }

  synchronized boolean isFrozen() {
    return !reasons.isEmpty();
  }

  private void run() {
    try {
      sandbox.thaw();
    } catch (SandboxException ended) {
      // It was killed while it was frozen.
    }
  }
}
