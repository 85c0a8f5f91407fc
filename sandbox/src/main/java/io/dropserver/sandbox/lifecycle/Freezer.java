package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxException;
import java.util.EnumSet;
import java.util.Set;

/**
 * Freezes a sandbox while there is at least one reason. No other class calls {@link Sandbox#freeze}
 * and {@link Sandbox#thaw}. Thread-safe.
 */
final class Freezer {
  private final Sandbox sandbox;
  private final Set<Reason> reasons = EnumSet.noneOf(Reason.class); // guarded by this

  enum Reason {
    /** The sandbox is not in use. */
    ASLEEP,

    /** The data is being copied. */
    BACKUP,

    /** The sandbox writes faster than the disk space can be measured. */
    DISK
  }

  Freezer(Sandbox sandbox) {
    this.sandbox = sandbox;
  }

  /**
   * Adds a reason, and blocks until no process of the sandbox runs.
   *
   * @throws SandboxException when the processes cannot be frozen; they continue to run
   */
  synchronized void freeze(Reason reason) {
    if (reasons.isEmpty()) {
      try {
        sandbox.freeze();
      } catch (SandboxException e) {
        resume();
        throw e;
      }
    }
    reasons.add(reason);
  }

  synchronized void thaw(Reason reason) {
    if (reasons.remove(reason) && reasons.isEmpty()) {
      notifyAll(); // waiting threads continue when this method has ended
      resume();
    }
  }

  /** Waits until there is no reason to freeze the sandbox. */
  synchronized void awaitThawed() throws InterruptedException {
    while (!reasons.isEmpty()) {
      wait();
    }
  }

  private void resume() {
    try {
      sandbox.thaw();
    } catch (SandboxException ended) {
      // The sandbox was killed while it was frozen.
    }
  }
}
