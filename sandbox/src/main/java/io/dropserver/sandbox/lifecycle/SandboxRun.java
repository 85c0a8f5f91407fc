package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxSpec;
import java.time.Instant;

/** A sandbox from its start to its end. Guarded by the lock of its {@link AppspaceSandbox}. */
final class SandboxRun {
  final Sandbox sandbox;
  final Freezer freezer;
  final SandboxSpec spec;
  final long generation;
  final Instant since;
  int leases;
  Instant lastUse;

  SandboxRun(Sandbox sandbox, SandboxSpec spec, long generation, Instant since) {
    this.sandbox = sandbox;
    this.freezer = new Freezer(sandbox);
    this.spec = spec;
    this.generation = generation;
    this.since = since;
    this.lastUse = since;
  }
}
