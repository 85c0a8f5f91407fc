package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.lifecycle.PlaceQueue.Eviction;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The state of one appspace's sandbox at one moment. Immutable.
 *
 * @param spec the declared spec
 * @param run the sandbox in any phase
 * @param lastUse of the sandbox, or of the last one
 * @param attempts the number of starts that have ended
 * @param isBackingOff whether the next start must wait after failures
 */
record SandboxStatus(
    SandboxPhase phase,
    SandboxWork work,
    Optional<SandboxSpec> spec,
    Optional<SandboxRun> run,
    Instant lastUse,
    long attempts,
    boolean isBackingOff) {

  /** Returns the run that leases get, awake or asleep. */
  Optional<SandboxRun> present() {
    return phase == SandboxPhase.RUNNING || phase == SandboxPhase.ASLEEP ? run : Optional.empty();
  }

  /** Returns whether the sandbox uses the data folder, or the next one will. */
  boolean uses(Path dataFolder) {
    return run.map(current -> current.spec)
        .or(() -> spec)
        .filter(known -> known.dataFolder().equals(dataFolder))
        .isPresent();
  }

  /** Returns whether a lease would start or wake the sandbox now. */
  boolean isMissing() {
    return (phase == SandboxPhase.NONE || phase == SandboxPhase.ASLEEP)
        && work == SandboxWork.NONE
        && spec.isPresent()
        && !isBackingOff;
  }

  /** Returns whether the sandbox is awake and has been unused for that long. */
  boolean canFallAsleep(Duration idle) {
    return phase == SandboxPhase.RUNNING && canStop(idle);
  }

  /** Returns whether there is a sandbox that has been unused for that long. */
  boolean canStop(Duration idle) {
    return restable().filter(each -> each.leases.isUnusedFor(idle)).isPresent();
  }

  /** Returns whether the sandbox does not keep its place, see {@link OpenLeases#isKept}. */
  boolean canGiveUp(Eviction eviction) {
    return present()
        .filter(
            each ->
                phase == SandboxPhase.ASLEEP
                    || !each.leases.isKept(eviction.waiting(), eviction.since()))
        .isPresent();
  }

  /**
   * Returns the sandbox, if its data is neither copied nor replaced. A stop would wait until the
   * data is copied. While it is copied, the frozen sandbox can fall asleep.
   */
  Optional<SandboxRun> restable() {
    return work == SandboxWork.NONE ? present() : Optional.empty();
  }

  /** Returns whether there is no sandbox, and the next use starts one. */
  boolean isExpectedToStart() {
    return phase == SandboxPhase.NONE
        && work == SandboxWork.NONE
        && spec.filter(known -> !known.limits().isNeverIdle()).isPresent()
        && !isBackingOff;
  }
}
