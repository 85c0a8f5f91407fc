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

  /** Releases the capacity of a sandbox that has ended. Called once for each start. */
  void ended(SandboxSpec spec);

  /** Returns a number that is never reused and identifies a process. */
  long nextGeneration();
}
