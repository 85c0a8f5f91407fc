package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxLeases.Lease;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.schema.instance.Limits;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A sandbox from its start to its end, with its leases. Thread-safe. */
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
  final OpenLeases leases;

  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile long generation;

  /** The memory limit of the sleeping sandbox. Changes only in transitions. */
  private long keptBytes;

  SandboxRun(
      Sandbox sandbox, SandboxSpec spec, long generation, InstantSource clock, OpenLeases leases) {
    this.sandbox = sandbox;
    this.freezer = new Freezer(sandbox);
    this.spec = spec;
    this.generation = generation;
    this.since = clock.instant();
    this.leases = leases;
  }

  /** Opens a lease. The caller excludes that the sandbox falls asleep or stops meanwhile. */
  Lease lease(LeaseCaller caller) {
    return new RunLease(this, generation, leases.open(caller));
  }

  /**
   * Applies new limits to the running processes. Returns false if anything but limits and egress
   * differs, or the limits cannot be applied. A change of the storage limit requires a restart,
   * because a volume cannot be resized in use. A sleeping sandbox gets its limits when it wakes up.
   */
  boolean adjust(SandboxSpec before, SandboxSpec next, boolean asleep) {
    if (!before.withLimits(next.limits()).withEgress(next.egress()).equals(next)
        || before.limits().storageBytes() != next.limits().storageBytes()) {
      return false;
    }
    if (before.limits().equals(next.limits()) || asleep) {
      return true;
    }
    try {
      sandbox.applyLimits(next.limits());
      return true;
    } catch (SandboxException usesMore) {
      return false;
    }
  }

  /**
   * Freezes the sandbox and limits its memory to what it keeps. The caller does not hold the lock
   * of the state, but excludes other transitions.
   *
   * @param limits the limits while it is awake
   * @return the memory that it may use until it wakes up, in bytes
   * @throws SandboxException when it cannot be frozen or measured; it continues to run
   */
  long fallAsleep(Limits limits) {
    freezer.freeze(Freezer.Reason.ASLEEP);
    try {
      keptBytes = limits.memoryBytes();
      return lowerMemoryLimit(limits);
    } catch (RuntimeException | Error e) {
      freezer.thaw(Freezer.Reason.ASLEEP);
      throw e;
    }
  }

  /**
   * Lowers the memory limit of the frozen sandbox to what it keeps now. The caller excludes other
   * transitions.
   *
   * @param limits the limits while it is awake
   * @return the memory that it may use until it wakes up, in bytes
   * @throws SandboxException when it cannot be measured
   */
  long lowerMemoryLimit(Limits limits) {
    long used = sandbox.usage().memoryBytes();
    long kept = used + SLEEP_MARGIN_BYTES;
    // Without a cgroup, its use is unknown.
    if (used > 0 && kept < keptBytes) {
      sandbox.applyLimits(limits.withMemoryBytes(kept));
      keptBytes = kept;
    }
    return keptBytes;
  }

  /**
   * Returns the memory that the sleeping sandbox may use. The caller excludes other transitions.
   */
  long keptBytes() {
    return keptBytes;
  }

  /**
   * Lets the sandbox run again, unless it is frozen for another reason. The caller does not hold
   * the lock of the state, but excludes other transitions.
   *
   * @return false when the limits cannot be applied, because they were reduced while it was asleep
   *     or it was killed; it stays frozen
   */
  boolean wakeUp(Limits limits) {
    try {
      sandbox.applyLimits(limits);
      freezer.thaw(Freezer.Reason.ASLEEP);
      return true;
    } catch (SandboxException usesMore) {
      return false;
    }
  }

  /** Counts the wake-up as use. Later leases get the next generation. */
  void wokeUp(long nextGeneration) {
    generation = nextGeneration;
    leases.wokeUp();
  }

  /** Lets every {@link #awaitEnd} return. */
  void end() {
    ended.countDown();
  }

  /** Returns whether the run has ended, after a wait of at most the timeout. */
  boolean awaitEnd(Duration timeout) {
    try {
      return ended.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
