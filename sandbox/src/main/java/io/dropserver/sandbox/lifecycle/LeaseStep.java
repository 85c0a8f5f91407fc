package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.SandboxLeases.Lease;
import io.dropserver.sandbox.SandboxSpec;

/** What a caller that needs a lease does next, see {@link SandboxState#awaitStep}. */
sealed interface LeaseStep {
  record Use(Lease lease) implements LeaseStep {}

  /** The sandbox has to start or wake up, and there is no place for it without waiting. */
  record Wait(SandboxSpec spec) implements LeaseStep {}

  /** Ends with {@link SandboxState#started} or {@link SandboxState#startFailed}. */
  record Start(SandboxSpec spec) implements LeaseStep {}

  /** Ends with {@link SandboxState#wokeUp}, or {@link SandboxState#settle} in phase ASLEEP. */
  record WakeUp(SandboxSpec spec, SandboxRun sleeping) implements LeaseStep {}
}
