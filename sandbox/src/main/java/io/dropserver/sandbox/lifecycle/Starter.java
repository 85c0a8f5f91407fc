package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxSpec;

/** Starts sandboxes within the bounds of all of them. */
interface Starter {

  /**
   * Returns a sandbox that answers.
   *
   * @throws io.dropserver.sandbox.SandboxException when it cannot be started or has no place
   */
  Sandbox start(SandboxSpec spec);

  /** Gives back the place of a sandbox that has ended. Called once for each start. */
  void ended(SandboxSpec spec);

  /** Identifies a process for good. */
  long nextGeneration();
}
