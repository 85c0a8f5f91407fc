package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.lifecycle.PlaceQueue.Eviction;
import io.dropserver.sandbox.lifecycle.PlaceQueue.Holder;
import io.dropserver.schema.instance.Limits;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Puts the sandbox of one appspace to sleep, or stops it, when it is not in use. Thread-safe. No
 * method needs the lock of the state.
 */
final class IdleSandbox {
  /** The amount of memory that is taken from a sleeping sandbox between two checks. */
  static final long SWAP_STEP_BYTES = 4L << 20;

  /**
   * The least time between two moves. Each writes up to all memory of the appspace to the disk, and
   * an app that is opened once in a few seconds would write without end.
   */
  static final Duration SWAP_INTERVAL = Duration.ofMinutes(10);

  private final String name;
  private final SandboxState state;
  private final Starter starter;
  private final GracefulStop stop;
  private final AwakeClaims awake;
  private final InstantSource clock;

  /** The time before which no memory is moved to swap again. */
  private volatile Instant noSwapBefore = Instant.MIN;

  IdleSandbox(
      String name,
      SandboxState state,
      Starter starter,
      GracefulStop stop,
      AwakeClaims awake,
      InstantSource clock) {
    this.name = name;
    this.state = state;
    this.starter = starter;
    this.stop = stop;
    this.awake = awake;
    this.clock = clock;
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
    SandboxStatus now = state.status();
    boolean last = now.spec().filter(spec -> spec.limits().isNeverIdle()).isPresent();
    return now.restable().map(run -> new Holder(name, last, run.leases));
  }

  /** Puts the sandbox to sleep or stops it for another appspace, unless it is in use again. */
  void giveUp(Eviction eviction) {
    if (eviction.stop() || !fallAsleepIf(now -> now.canGiveUp(eviction))) {
      stopIf(now -> now.canGiveUp(eviction));
    }
  }

  /** Stops the sandbox if it is asleep. Returns whether it was. */
  boolean stopIfAsleep() {
    return stopIf(now -> now.phase() == SandboxPhase.ASLEEP && now.restable().isPresent());
  }

  /** Counts the time of a claim as use, so that the idle timeout begins at its end. */
  private void touch() {
    SandboxStatus now = state.status();
    // A sandbox that was put to sleep for lack of room keeps its place among the sleepers.
    if (now.phase() == SandboxPhase.RUNNING) {
      now.run().ifPresent(run -> run.leases.touch());
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

  /** Returns the sleeping sandbox, if its memory was not yet offered to swap and may be. */
  Optional<SandboxRun> unswapped() {
    SandboxStatus now = state.status();
    return now.phase() == SandboxPhase.ASLEEP && !clock.instant().isBefore(noSwapBefore)
        ? now.run().filter(sleeping -> !sleeping.isSwapPermitted())
        : Optional.empty();
  }

  /** Returns whether memory of the sandbox may be in swap. */
  boolean isSwapped() {
    return state.status().run().filter(SandboxRun::isSwapPermitted).isPresent();
  }

  /** Moves memory of the sleeping sandbox to swap, and blocks meanwhile or until it wakes up. */
  void swapOut() {
    unswapped().ifPresent(this::swapOut);
  }

  private void swapOut(SandboxRun sleeping) {
    noSwapBefore = clock.instant().plus(SWAP_INTERVAL);
    boolean asleep =
        state.whileAsleep(sleeping, known -> sleeping.permitSwap(known.limits().memoryBytes()));
    long left = asleep ? sleeping.sandbox.usage().memoryBytes() : 0;
    // In steps, so that at most one of them takes memory from an app that is in use again.
    while (left > 0
        && state.whileAsleep(sleeping, _ -> {})
        && sleeping.sandbox.reclaim(Math.min(left, SWAP_STEP_BYTES))) {
      left -= SWAP_STEP_BYTES;
    }
    var _ =
        state.whileAsleep(
            sleeping,
            known -> starter.fellAsleep(known, sleeping.lowerMemoryLimit(known.limits())));
  }

  /** Returns when the sandbox was last used. */
  Instant lastUse() {
    return state.status().present().map(run -> run.leases.lastUse()).orElse(Instant.MAX);
  }
}
