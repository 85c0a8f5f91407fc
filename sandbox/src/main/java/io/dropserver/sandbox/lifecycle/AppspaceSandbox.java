package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxLeases.Lease;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.lifecycle.Places.Reservation;
import io.dropserver.state.condition.SandboxReason;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Starts and wakes the sandbox of one appspace for leases. Two sandboxes of an appspace never run
 * at the same time, because they would share a data folder. Thread-safe.
 *
 * <p>{@link SandboxState} decides what may happen now. This class, {@link #work} and {@link #idle}
 * do what blocks, without its lock.
 */
final class AppspaceSandbox {
  private final String name;
  private final Starter starter;
  private final SandboxState state;
  private final GracefulStop stop;
  private final ExclusiveWork work;
  private final IdlePolicy idle;
  private final AtomicBoolean waking = new AtomicBoolean();

  AppspaceSandbox(
      String name,
      Starter starter,
      LifecycleSettings settings,
      InstantSource clock,
      SandboxEvents events,
      AwakeClaims awake,
      Instant lastUse) {
    this.name = name;
    this.starter = starter;
    this.state =
        new SandboxState(name, starter, clock, events, awake, lastUse, this::stopInBackground);
    this.stop = new GracefulStop(state, settings);
    this.work = new ExclusiveWork(state, starter, stop, settings);
    this.idle = new IdlePolicy(name, state, starter, stop, awake);
  }

  private void stopInBackground(SandboxRun outdated) {
    var _ = Thread.ofVirtual().name("sandbox-replace").start(() -> stop.drainAndStop(outdated));
  }

  String name() {
    return name;
  }

  /** The work during which the sandbox is not started. */
  ExclusiveWork work() {
    return work;
  }

  /** What happens while the sandbox is not in use. */
  IdlePolicy idle() {
    return idle;
  }

  /** See {@link Sandboxes#declare}. */
  void declare(SandboxSpec next) {
    state.declare(next);
  }

  /** See {@link Sandboxes#lease}. */
  Lease lease(LeaseCaller caller, BooleanSupplier abandoned) {
    long seen = state.status().attempts();
    while (!abandoned.getAsBoolean()) {
      Optional<Lease> lease = tryLease(seen, caller, abandoned);
      if (lease.isPresent()) {
        return lease.get();
      }
    }
    throw new SandboxException(
        SandboxReason.NOT_RUNNING,
        "appspace " + name + " does not start: the client that requested it has left");
  }

  private Optional<Lease> tryLease(long seen, LeaseCaller caller, BooleanSupplier abandoned) {
    return switch (state.awaitStep(seen, caller)) {
      case LeaseStep.Use(Lease opened) -> Optional.of(opened);
      case LeaseStep.Start(SandboxSpec spec) -> start(spec, caller);
      case LeaseStep.WakeUp(SandboxSpec spec, SandboxRun sleeping) -> wake(spec, sleeping, caller);
      case LeaseStep.Wait(SandboxSpec spec) -> {
        BooleanSupplier unneeded = () -> abandoned.getAsBoolean() || !state.wants(spec);
        try (Reservation reservation = starter.reserve(spec, caller, unneeded)) {
          yield reservation.isUnneeded() ? Optional.empty() : tryLease(seen, caller, abandoned);
        }
      }
    };
  }

  private Optional<Lease> start(SandboxSpec spec, LeaseCaller caller) {
    Sandbox sandbox;
    try {
      sandbox = starter.start(spec);
    } catch (RuntimeException | Error problem) {
      state.startFailed(problem);
      throw problem;
    }
    return state.started(sandbox, spec, caller);
  }

  private Optional<Lease> wake(SandboxSpec spec, SandboxRun sleeping, LeaseCaller caller) {
    boolean usable;
    try {
      starter.wakes();
      usable = sleeping.wakeUp(spec.limits());
    } catch (RuntimeException | Error problem) {
      starter.fellAsleep(spec, sleeping.keptBytes());
      state.settle(SandboxPhase.ASLEEP);
      throw problem;
    }
    return state.wokeUp(sleeping, usable, caller);
  }

  /**
   * Wakes a sandbox that fell asleep for another appspace although leases of members or jobs were
   * open. It waits for a place like them. If there is room and no backoff, also wakes a sandbox
   * with leases of visitors or with work to do, and starts or wakes one that is never idle. A
   * failure is reported like that of any start.
   */
  void startIfMissing(Predicate<SandboxSpec> hasRoom) {
    SandboxStatus status = state.status();
    if (!status.isMissing()) {
      return;
    }
    Optional<LeaseCaller> displaced = status.run().flatMap(run -> run.leases.foremost());
    Optional<LeaseCaller> waits =
        displaced.filter(caller -> caller.kind().isBefore(LeaseCaller.Kind.VISITOR));
    boolean wanted =
        status
            .spec()
            .filter(
                spec ->
                    spec.limits().isNeverIdle()
                        || displaced.isPresent()
                        || (status.phase() == SandboxPhase.ASLEEP && idle.isWorking()))
            .filter(hasRoom)
            .isPresent();
    if (waits.isPresent() || wanted) {
      wake(waits.orElse(LeaseCaller.BACKGROUND));
    }
  }

  /** Does nothing while another thread does the same. */
  private void wake(LeaseCaller caller) {
    if (waking.compareAndSet(false, true)) {
      try {
        lease(caller, () -> false).close();
      } catch (SandboxException e) {
        // The next attempt follows with the next sweep, or after the backoff.
      } finally {
        waking.set(false);
      }
    }
  }

  /** See {@link Sandboxes#freezeForDisk}. */
  void freezeForDisk() {
    state.status().run().ifPresent(run -> run.freezer.freeze(Freezer.Reason.DISK));
  }

  /** Thaws the current run. If the frozen run has ended, its successor is not frozen. */
  void thawForDisk() {
    state.status().run().ifPresent(run -> run.freezer.thaw(Freezer.Reason.DISK));
  }

  SandboxStatus status() {
    return state.status();
  }

  /** Returns the declared spec; empty if it was withdrawn. */
  Optional<SandboxSpec> declaredSpec() {
    return state.status().spec();
  }

  /** Returns whether this appspace uses the data folder. */
  boolean uses(Path dataFolder) {
    return state.status().uses(dataFolder);
  }

  /** Returns the sandbox, awake or asleep. */
  Optional<Sandbox> running() {
    return state.status().present().map(run -> run.sandbox);
  }

  boolean isAsleep() {
    return state.status().phase() == SandboxPhase.ASLEEP;
  }

  boolean isStarting() {
    return state.status().phase() == SandboxPhase.STARTING;
  }

  /** Removes the spec, blocks until no process of the appspace runs, and returns the spec. */
  Optional<SandboxSpec> withdraw() {
    SandboxStatus before = state.withdraw();
    before.present().ifPresent(stop::drainAndStop);
    state.awaitStopped();
    return before.spec();
  }
}
