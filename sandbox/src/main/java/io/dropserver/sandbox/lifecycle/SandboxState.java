package io.dropserver.sandbox.lifecycle;

import io.dropserver.base.concurrent.HeldLock;
import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.Sandbox.Exit;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxLeases.Lease;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.state.condition.SandboxReason;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The monitor of one appspace's sandbox: each method waits until its transition is possible, and
 * makes it at once. Thread-safe.
 *
 * <p>Starts, stops, freezes and other work that blocks happen without the lock, between two
 * transitions. The first sets a phase or a work that excludes all others. Its caller must call the
 * second, whatever happens. All methods are in one class because each of them reads or writes the
 * phase, the work and the run under the same lock.
 *
 * <p>The locks of {@link OpenLeases}, {@link AwakeClaims} and {@link Places} are taken after this
 * one. Those classes never call back with it.
 */
final class SandboxState {
  private final String name;
  private final Starter starter;
  private final InstantSource clock;
  private final SandboxEvents events;
  private final AwakeClaims awake;
  private final Consumer<SandboxRun> outdated;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** Changed with the lock held. {@link #wants} reads it without the lock. */
  private volatile @Nullable SandboxSpec spec;

  // guarded by lock, as are all fields below
  private final StartHistory starts;
  private SandboxPhase phase = SandboxPhase.NONE;
  private SandboxWork work = SandboxWork.NONE;
  private @Nullable SandboxRun run;
  private Instant lastUse;

  /**
   * @param lastUse of the appspace before this object was created
   * @param outdated gets a run that is not wanted any more, in phase STOPPING and with the lock
   *     held; it must stop the run in another thread
   */
  SandboxState(
      String name,
      Starter starter,
      InstantSource clock,
      SandboxEvents events,
      AwakeClaims awake,
      Instant lastUse,
      Consumer<SandboxRun> outdated) {
    this.name = name;
    this.starter = starter;
    this.clock = clock;
    this.events = events;
    this.awake = awake;
    this.outdated = outdated;
    this.starts = new StartHistory(name, clock);
    this.lastUse = lastUse;
  }

  SandboxStatus status() {
    try (var _ = new HeldLock(lock)) {
      return new SandboxStatus(
          phase,
          work,
          Optional.ofNullable(spec),
          Optional.ofNullable(run),
          run == null ? lastUse : run.leases.lastUse(),
          starts.attempts(),
          starts.isBackingOff());
    }
  }

  /**
   * Sets the spec. Limits and egress policy are applied with the lock held, so in the order of the
   * declarations.
   */
  void declare(SandboxSpec next) {
    try (var _ = new HeldLock(lock)) {
      awaitUntil(() -> !phase.usesSpec());
      SandboxSpec before = spec;
      spec = next;
      if (next.equals(before)) {
        return;
      }
      starts.endBackoff();
      SandboxStatus status = status();
      // Applies even while the sandbox drains: a new egress policy takes effect immediately.
      status.run().ifPresent(current -> current.sandbox.applyEgress(next.egress()));
      boolean asleep = phase == SandboxPhase.ASLEEP;
      status
          .present()
          .filter(current -> before == null || !current.adjust(before, next, asleep))
          .ifPresent(this::discard);
    }
  }

  /** Removes the spec, and sets phase STOPPING if there is a sandbox, which the caller stops. */
  SandboxStatus withdraw() {
    try (var _ = new HeldLock(lock)) {
      awaitUntil(() -> work != SandboxWork.REPLACE && !phase.usesSpec());
      SandboxStatus before = status();
      spec = null;
      before.present().ifPresent(_ -> phase = SandboxPhase.STOPPING);
      changed.signalAll();
      return before;
    }
  }

  /**
   * Waits until a lease can be opened, or the caller has to start or wake the sandbox, or to wait
   * for a place. A caller that has to start or wake it has taken a place.
   *
   * @param seen the number of starts that had ended when the caller asked for the lease
   * @throws SandboxException when another caller's start failed since then, or none is due
   */
  LeaseStep awaitStep(long seen, LeaseCaller caller) {
    try (var _ = new HeldLock(lock)) {
      while (true) {
        SandboxSpec wanted = spec;
        SandboxRun current = run;
        if (wanted == null) {
          throw notRunning(name);
        }
        if (phase == SandboxPhase.RUNNING && current != null) {
          return new LeaseStep.Use(current.lease(caller));
        }
        if (phase == SandboxPhase.ASLEEP && current != null) {
          if (!starter.tryTake(wanted)) {
            return new LeaseStep.Wait(wanted);
          }
          phase = SandboxPhase.WAKING_UP;
          return new LeaseStep.WakeUp(wanted, current);
        }
        if (phase == SandboxPhase.NONE && work == SandboxWork.NONE) {
          starts.requireDue(seen);
          if (!starter.tryTake(wanted)) {
            return new LeaseStep.Wait(wanted);
          }
          phase = SandboxPhase.STARTING;
          return new LeaseStep.Start(wanted);
        }
        changed.awaitUninterruptibly();
      }
    }
  }

  /**
   * Returns whether the appspace still needs a place as large as that of the spec. Takes no lock,
   * because callers hold locks that are taken after that of this object.
   */
  boolean wants(SandboxSpec waiting) {
    SandboxSpec current = spec;
    return current != null && current.limits().memoryBytes() == waiting.limits().memoryBytes();
  }

  static SandboxException notRunning(String appspace) {
    return new SandboxException(
        SandboxReason.NOT_RUNNING, "appspace " + appspace + " is not running here");
  }

  /**
   * Ends a start.
   *
   * @return the first lease, which is opened before another appspace can take the place; empty if
   *     the sandbox is outdated or has ended
   */
  Optional<Lease> started(Sandbox sandbox, SandboxSpec used, LeaseCaller caller) {
    try (var _ = new HeldLock(lock)) {
      starts.attemptEnded();
      run(sandbox, used);
      return leaseIfRunning(caller);
    }
  }

  /** Ends a start. */
  void startFailed(Throwable problem) {
    try (var _ = new HeldLock(lock)) {
      starts.attemptEnded();
      settle(SandboxPhase.NONE);
      if (problem instanceof SandboxException failure && starts.failed(failure)) {
        events.startFailed(name, failure.reason(), String.valueOf(failure.getMessage()));
      }
    }
  }

  /** Sets the spec and its sandbox, which was started by work of type REPLACE. */
  void replaced(Sandbox sandbox, SandboxSpec next) {
    try (var _ = new HeldLock(lock)) {
      spec = next;
      starts.endBackoff();
      run(sandbox, next);
    }
  }

  /** Requires the lock. */
  private void run(Sandbox sandbox, SandboxSpec used) {
    SandboxRun begun =
        new SandboxRun(sandbox, used, starter.nextGeneration(), clock, starter.leases(name));
    starts.started();
    run = begun;
    settle(SandboxPhase.RUNNING);
    events.started(name);
    SandboxSpec wanted = spec;
    if (wanted != null) {
      sandbox.applyEgress(wanted.egress());
    }
    if (wanted == null || !wanted.withEgress(used.egress()).equals(used)) {
      // The spec changed or was withdrawn during the start. Waiting callers get the next sandbox.
      discard(begun);
    }
    var _ = sandbox.exit().thenAccept(exit -> exited(begun, exit));
  }

  /** Requires the lock. */
  private Optional<Lease> leaseIfRunning(LeaseCaller caller) {
    return status()
        .run()
        .filter(_ -> phase == SandboxPhase.RUNNING)
        .map(running -> running.lease(caller));
  }

  /** Requires the lock. */
  private void discard(SandboxRun unwanted) {
    phase = SandboxPhase.STOPPING;
    outdated.accept(unwanted);
  }

  /**
   * Ends a wake-up.
   *
   * @param usable whether the sandbox has the limits of its spec
   * @return the first lease; empty if the sandbox is not usable
   */
  Optional<Lease> wokeUp(SandboxRun woken, boolean usable, LeaseCaller caller) {
    try (var _ = new HeldLock(lock)) {
      settle(SandboxPhase.RUNNING);
      woken.wokeUp(starter.nextGeneration());
      if (!usable) {
        discard(woken);
      }
      return leaseIfRunning(caller);
    }
  }

  /** Ends a transition in the next phase. Called only by the thread that began it. */
  void settle(SandboxPhase next) {
    try (var _ = new HeldLock(lock)) {
      phase = next;
      changed.signalAll();
    }
  }

  /**
   * Begins a transition that another thread must not begin meanwhile.
   *
   * @param possible is asked with the lock held
   * @return the state before; empty if the transition is not possible now
   */
  Optional<SandboxStatus> begin(SandboxPhase next, Predicate<SandboxStatus> possible) {
    try (var _ = new HeldLock(lock)) {
      Optional<SandboxStatus> before = Optional.of(status()).filter(possible);
      before.ifPresent(_ -> phase = next);
      return before;
    }
  }

  /** Waits until other work has ended, and returns the running sandbox. */
  Optional<SandboxRun> beginWork(SandboxWork next) {
    try (var _ = new HeldLock(lock)) {
      awaitUntil(() -> work == SandboxWork.NONE && !phase.isTransition());
      work = next;
      if (next == SandboxWork.REPLACE && run != null) {
        phase = SandboxPhase.STOPPING;
      }
      return Optional.ofNullable(run);
    }
  }

  void endWork() {
    try (var _ = new HeldLock(lock)) {
      work = SandboxWork.NONE;
      changed.signalAll();
    }
  }

  /** Waits until the data of a run in phase STOPPING is copied. No other copy begins meanwhile. */
  void awaitCopied() throws InterruptedException {
    try (var _ = new HeldLock(lock)) {
      while (work == SandboxWork.COPY) {
        changed.await();
      }
    }
  }

  /** Ends a run in phase STOPPING. */
  void stopped(SandboxRun stopped) {
    try (var _ = new HeldLock(lock)) {
      end(stopped);
      events.stopped(name);
    }
  }

  private void exited(SandboxRun exited, Exit exit) {
    try (var _ = new HeldLock(lock)) {
      awaitUntil(() -> !phase.usesSpec());
      if (run != exited || phase == SandboxPhase.STOPPING) {
        return;
      }
      end(exited);
      starts.crashed(Duration.between(exited.since, clock.instant()));
      events.ended(name, exit);
    }
  }

  /** Requires the lock. */
  private void end(SandboxRun ended) {
    run = null;
    lastUse = ended.leases.lastUse();
    starter.ended(ended.spec);
    awake.endAll(name);
    ended.end();
    settle(SandboxPhase.NONE);
  }

  void awaitStopped() {
    try (var _ = new HeldLock(lock)) {
      awaitUntil(() -> phase == SandboxPhase.NONE);
    }
  }

  /** Waits for a transition of another thread. Requires the lock, and releases it meanwhile. */
  private void awaitUntil(BooleanSupplier possible) {
    while (!possible.getAsBoolean()) {
      changed.awaitUninterruptibly();
    }
  }
}
