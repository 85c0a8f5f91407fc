package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxSpec;

/** Starts sandboxes within the limits that all of them share. */
interface Starter {

  /**
   * Starts a sandbox, and blocks until its app accepts connections.
   *
   * @throws io.dropserver.sandbox.SandboxException when it cannot be started or there is no
   *     capacity
   */
  Sandbox start(SandboxSpec spec);

  /**
   * Reserves the capacity for a sandbox that wakes up.
   *
   * @throws io.dropserver.sandbox.SandboxException when there is no capacity
   */
  void wakes(SandboxSpec spec);

  /** Releases the capacity that a sandbox does not need while it is asleep. */
  void fellAsleep(SandboxSpec spec, long keptMemoryBytes);

  /** Discards what is prepared for the appspace, see {@link Preparations}. */
  void discardPrepared(String appspace);

  /** Releases the capacity of a sandbox that has ended. Called once for each start. */
  void ended(SandboxSpec spec);

  /** Returns a number that is never reused. It identifies a process, from start or wake-up on. */
  long nextGeneration();
}
