package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.schema.instance.Limits;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;

/** A sandbox from its start to its end. Guarded by the lock of its {@link AppspaceSandbox}. */
final class SandboxRun {
  /**
   * The memory that a sleeping sandbox may use in addition to what it used when it fell asleep. The
   * kernel allocates some for it, and it needs some to end.
   */
  static final long SLEEP_MARGIN_BYTES = 16L << 20;

  final Sandbox sandbox;
  final Freezer freezer;
  final SandboxSpec spec;
  final Instant since;
  long generation;

  /** The numbers of the leases that keep the sandbox awake. */
  final Set<Long> leases = new HashSet<>();

  /** The numbers of the leases that yield the place. */
  final Set<Long> yielding = new HashSet<>();

  private long lastLease;
  Instant lastUse;

  SandboxRun(Sandbox sandbox, SandboxSpec spec, long generation, Instant since) {
    this.sandbox = sandbox;
    this.freezer = new Freezer(sandbox);
    this.spec = spec;
    this.generation = generation;
    this.since = since;
    this.lastUse = since;
  }

  /** Begins a lease and returns its number. */
  long lease() {
    lastLease++;
    leases.add(lastLease);
    return lastLease;
  }

  /** Returns whether a request or a job has a lease. */
  boolean isInUse() {
    return !leases.isEmpty() || !yielding.isEmpty();
  }

  /**
   * Freezes the sandbox and limits its memory to what it keeps. The caller does not hold the lock,
   * but excludes other transitions.
   *
   * @param limits the limits while it is awake
   * @return the memory that it may use until it wakes up, in bytes
   * @throws SandboxException when it cannot be frozen or measured; it continues to run
   */
  long fallAsleep(Limits limits) {
    freezer.freeze(Freezer.Reason.ASLEEP);
    try {
      long used = sandbox.usage().memoryBytes();
      long kept = used + SLEEP_MARGIN_BYTES;
      if (used == 0 || kept >= limits.memoryBytes()) {
        return limits.memoryBytes(); // without a cgroup, its use is unknown
      }
      sandbox.applyLimits(limits.withMemoryBytes(kept));
      return kept;
    } catch (SandboxException e) {
      freezer.thaw(Freezer.Reason.ASLEEP);
      throw e;
    }
  }

  /**
   * Lets the sandbox run again, unless it is frozen for another reason. The caller does not hold
   * the lock, but excludes other transitions.
   *
   * @throws SandboxException when the limits cannot be applied; it stays frozen
   */
  void wakeUp(Limits limits) {
    sandbox.applyLimits(limits);
    freezer.thaw(Freezer.Reason.ASLEEP);
  }
}
