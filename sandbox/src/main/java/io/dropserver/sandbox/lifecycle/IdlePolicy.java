package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.lifecycle.PlaceQueue.Eviction;
import io.dropserver.sandbox.lifecycle.PlaceQueue.Holder;
import io.dropserver.schema.instance.Limits;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Puts the sandbox of one appspace to sleep, or stops it, when it is not in use. Thread-safe. No
 * method needs the lock of the state.
 */
final class IdlePolicy {
  private final String name;
  private final SandboxState state;
  private final Starter starter;
  private final GracefulStop stop;
  private final AwakeClaims awake;

  IdlePolicy(
      String name, SandboxState state, Starter starter, GracefulStop stop, AwakeClaims awake) {
    this.name = name;
    this.state = state;
    this.starter = starter;
    this.stop = stop;
    this.awake = awake;
  }

  /**
   * Puts an unused sandbox to sleep, or stops it, as its limits say, unless it is never idle or the
   * app keeps itself awake.
   */
  void restIfUnused() {
    if (isWorking()) {
      touch();
      return;
    }
    Optional<Limits> limits =
        state.status().spec().map(SandboxSpec::limits).filter(known -> !known.isNeverIdle());
    if (limits.isPresent() && !stopIfIdleFor(limits.get().stopAfter())) {
      sleepIfIdleFor(limits.get().idleTimeout());
    }
  }

  /** Returns whether the app keeps itself awake. */
  boolean isWorking() {
    return awake.of(name).isPresent();
  }

  /** Returns the sandbox, if it could fall asleep or stop now for another appspace. */
  Optional<Holder> holder() {
    SandboxStatus status = state.status();
    boolean last = status.spec().filter(spec -> spec.limits().isNeverIdle()).isPresent();
    boolean canStop = status.restable().isPresent();
    return status.present().map(run -> new Holder(name, last, canStop, run.leases));
  }

  /** Puts the sandbox to sleep or stops it for another appspace, unless it is in use again. */
  void giveUp(Eviction eviction) {
    if (eviction.stop() || !fallAsleepIf(now -> now.canGiveUp(eviction))) {
      stopIf(now -> now.restable().isPresent() && now.canGiveUp(eviction));
    }
  }

  /** Stops the sandbox if it is asleep. Returns whether it was. */
  boolean stopIfAsleep() {
    return stopIf(now -> now.phase() == SandboxPhase.ASLEEP && now.restable().isPresent());
  }

  /** Counts the time of a claim as use, so that the idle timeout begins at its end. */
  private void touch() {
    SandboxStatus status = state.status();
    // A sandbox that was put to sleep for lack of room keeps its place among the sleepers.
    if (status.phase() == SandboxPhase.RUNNING) {
      status.run().ifPresent(run -> run.leases.touch());
    }
  }

  /**
   * Puts the sandbox to sleep if it has been unused for that long. A sandbox that cannot be frozen
   * counts as used now.
   *
   * @return whether it fell asleep
   */
  boolean sleepIfIdleFor(Duration idle) {
    return fallAsleepIf(now -> now.canFallAsleep(idle));
  }

  private boolean fallAsleepIf(Predicate<SandboxStatus> possible) {
    return state
        .begin(
            SandboxPhase.FALLING_ASLEEP,
            now -> now.phase() == SandboxPhase.RUNNING && possible.test(now))
        .filter(this::fallAsleep)
        .isPresent();
  }

  /** Ends the phase FALLING_ASLEEP. */
  private boolean fallAsleep(SandboxStatus before) {
    SandboxRun unused = before.run().orElseThrow();
    boolean asleep = false;
    try {
      SandboxSpec known = before.spec().orElseThrow(); // does not change meanwhile
      starter.fellAsleep(known, unused.fallAsleep(known.limits()));
      asleep = true;
    } catch (SandboxException cannotBeFrozen) {
      unused.leases.touch(); // the next attempt follows after the idle timeout
    } finally {
      state.settle(asleep ? SandboxPhase.ASLEEP : SandboxPhase.RUNNING);
    }
    return asleep;
  }

  /** Stops the sandbox if it has been unused for that long, and blocks until it has stopped. */
  boolean stopIfIdleFor(Duration idle) {
    return stopIf(now -> now.canStop(idle));
  }

  private boolean stopIf(Predicate<SandboxStatus> possible) {
    Optional<SandboxStatus> before = state.begin(SandboxPhase.STOPPING, possible);
    before.ifPresent(this::stop);
    return before.isPresent();
  }

  /** Ends the phase STOPPING. */
  private void stop(SandboxStatus before) {
    SandboxRun ending = before.run().orElseThrow();
    if (before.phase() == SandboxPhase.ASLEEP) {
      stop.stopAsleep(ending);
    } else {
      stop.stopForRoom(ending);
    }
  }

  /** Returns when the sandbox was last used. */
  Instant lastUse() {
    return state.status().present().map(run -> run.leases.lastUse()).orElse(Instant.MAX);
  }
}
