package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.Sandbox.Exit;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxLeases.Lease;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.schema.concurrent.HeldLock;
import io.dropserver.schema.status.Reason.Retry;
import io.dropserver.schema.status.SandboxReason;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Manages the sandbox of one appspace. Two sandboxes of an appspace never run at the same time,
 * because they would share a data folder. Thread-safe.
 */
final class AppspaceSandbox {
  private enum State {
    IDLE,
    STARTING,
    RUNNING,
    STOPPING
  }

  private final String name;
  private final Starter starter;
  private final LifecycleSettings settings;
  private final Clock clock;
  private final SandboxEvents events;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // guarded by lock, as are all fields below
  private State state = State.IDLE;
  private @Nullable SandboxSpec spec;
  private @Nullable SandboxRun sandboxRun;
  private CrashBackoff backoff = CrashBackoff.NONE;
  private long attempts;

  /** The data is being copied: nothing starts, and a running sandbox is frozen. */
  private boolean frozenForWork;

  /** The running sandbox is being replaced: nothing else starts. */
  private boolean replacing;

  private @Nullable SandboxException failure;

  AppspaceSandbox(
      String name, Starter starter, LifecycleSettings settings, Clock clock, SandboxEvents events) {
    this.name = name;
    this.starter = starter;
    this.settings = settings;
    this.clock = clock;
    this.events = events;
  }

  /** See {@link Sandboxes#declare}. */
  void declare(SandboxSpec next) {
    try (var _ = new HeldLock(lock)) {
      SandboxSpec before = spec;
      spec = next;
      if (next.equals(before)) {
        return;
      }
      backoff = CrashBackoff.NONE;
      SandboxRun current = sandboxRun;
      if (current != null) {
        // Applies even while the sandbox drains: a new egress policy takes effect immediately.
        current.sandbox.applyEgress(next.egress());
      }
      if (state == State.RUNNING && current != null && !adjustInPlace(current, before, next)) {
        state = State.STOPPING;
        var _ = Thread.ofVirtual().name("sandbox-replace").start(() -> drainAndStop(current));
      }
    }
  }

  /**
   * Applies new limits to the running processes. Returns false if anything but limits and egress
   * differs, or the limits cannot be applied. A change of the storage limit requires a restart,
   * because a volume cannot be resized in use.
   */
  private static boolean adjustInPlace(
      SandboxRun sandboxRun, @Nullable SandboxSpec before, SandboxSpec next) {
    if (before == null
        || !before.withLimits(next.limits()).withEgress(next.egress()).equals(next)
        || before.limits().storageBytes() != next.limits().storageBytes()) {
      return false;
    }
    if (before.limits().equals(next.limits())) {
      return true;
    }
    try {
      sandboxRun.sandbox.applyLimits(next.limits());
      return true;
    } catch (SandboxException usesMore) {
      return false;
    }
  }

  Lease lease() {
    try (var _ = new HeldLock(lock)) {
      long seen = attempts;
      while (true) {
        SandboxSpec wanted = requireSpec();
        SandboxRun current = sandboxRun;
        if (state == State.RUNNING && current != null) {
          current.leases++;
          return new RunLease(
              current.sandbox.address(),
              current.generation,
              () -> release(current),
              timeout -> awaitEnd(current, timeout));
        }
        if (state == State.IDLE && !frozenForWork && !replacing) {
          if (attempts != seen && failure != null) {
            throw failure;
          }
          startNow(wanted);
        } else {
          changed.awaitUninterruptibly();
        }
      }
    }
  }

  /** See {@link Sandboxes#replace}. */
  void replace(SandboxSpec next, Consumer<Sandbox> check) {
    Optional<SandboxRun> before = beginReplacing();
    try {
      before.ifPresent(this::drainAndStop);
      Sandbox sandbox = starter.start(next);
      try {
        check.accept(sandbox);
      } catch (SandboxException e) {
        sandbox.stop(settings.grace());
        starter.ended(next);
        throw e;
      }
      try (var _ = new HeldLock(lock)) {
        spec = next;
        backoff = CrashBackoff.NONE;
        onStarted(sandbox, next);
      }
    } finally {
      endReplacing();
    }
  }

  private Optional<SandboxRun> beginReplacing() {
    try (var _ = new HeldLock(lock)) {
      while (frozenForWork || replacing || state == State.STARTING || state == State.STOPPING) {
        changed.awaitUninterruptibly();
      }
      replacing = true;
      if (sandboxRun != null) {
        state = State.STOPPING;
      }
      return Optional.ofNullable(sandboxRun);
    }
  }

  private void endReplacing() {
    try (var _ = new HeldLock(lock)) {
      replacing = false;
      changed.signalAll();
    }
  }

  /** See {@link Sandboxes#whileFrozen}. */
  boolean whileFrozen(Runnable work) {
    Optional<SandboxRun> frozen = beginFreeze();
    try {
      frozen.ifPresent(sandboxRun -> sandboxRun.freezer.freeze(Freezer.Reason.BACKUP));
      work.run();
      return frozen.isPresent();
    } finally {
      frozen.ifPresent(sandboxRun -> sandboxRun.freezer.thaw(Freezer.Reason.BACKUP));
      endFreeze(frozen);
    }
  }

  /** See {@link Sandboxes#freezeForDisk}. */
  void freezeForDisk() {
    current().ifPresent(sandboxRun -> sandboxRun.freezer.freeze(Freezer.Reason.DISK));
  }

  /** Thaws the current run. If the frozen run has ended, its successor is not frozen. */
  void thawForDisk() {
    current().ifPresent(sandboxRun -> sandboxRun.freezer.thaw(Freezer.Reason.DISK));
    try (var _ = new HeldLock(lock)) {
      changed.signalAll();
    }
  }

  private Optional<SandboxRun> current() {
    try (var _ = new HeldLock(lock)) {
      return Optional.ofNullable(sandboxRun);
    }
  }

  /** See {@link Sandboxes#whileStopped}. */
  void whileStopped(Runnable work) {
    Optional<SandboxRun> before = beginReplacing();
    try {
      before.ifPresent(this::drainAndStop);
      work.run();
    } finally {
      endReplacing();
    }
  }

  private Optional<SandboxRun> beginFreeze() {
    try (var _ = new HeldLock(lock)) {
      while (frozenForWork || replacing || state == State.STARTING || state == State.STOPPING) {
        changed.awaitUninterruptibly();
      }
      frozenForWork = true;
      return Optional.ofNullable(sandboxRun);
    }
  }

  private void endFreeze(Optional<SandboxRun> frozen) {
    try (var _ = new HeldLock(lock)) {
      frozenForWork = false;
      // The time for which a leased sandbox was frozen does not count as idle time.
      frozen.ifPresent(
          sandboxRun ->
              sandboxRun.lastUse = sandboxRun.leases > 0 ? clock.instant() : sandboxRun.lastUse);
      changed.signalAll();
    }
  }

  private SandboxSpec requireSpec() {
    if (spec == null) {
      throw new SandboxException(
          SandboxReason.NOT_RUNNING, "appspace " + name + " is not running here");
    }
    return spec;
  }

  /** Starts the sandbox. Requires the lock, and releases it during the start. */
  private void startNow(SandboxSpec wanted) {
    Duration wait = backoff.remaining(clock.instant());
    if (!wait.isZero()) {
      throw new SandboxException(
          SandboxReason.BACKOFF,
          "appspace "
              + name
              + " failed "
              + backoff.failures()
              + " times; next try in "
              + (wait.toSeconds() + 1)
              + " s");
    }
    state = State.STARTING;
    lock.unlock();
    Sandbox sandbox = null;
    SandboxException problem = null;
    try {
      sandbox = starter.start(wanted);
    } catch (SandboxException e) {
      problem = e;
    } finally {
      lock.lock();
      attempts++;
      state = State.IDLE;
      changed.signalAll();
    }
    if (problem != null) {
      onStartFailed(problem);
      throw problem;
    }
    if (sandbox != null) {
      onStarted(sandbox, wanted);
    }
  }

  private void onStartFailed(SandboxException problem) {
    failure = problem;
    // A lack of capacity or disk space is not the app's fault and may be gone at the next request.
    if (problem.reason().retry() != Retry.WAITING) {
      backoff = backoff.failedAt(clock.instant());
      events.startFailed(name, problem.reason(), String.valueOf(problem.getMessage()));
    }
  }

  private void onStarted(Sandbox sandbox, SandboxSpec started) {
    SandboxRun begun = new SandboxRun(sandbox, started, starter.nextGeneration(), clock.instant());
    failure = null;
    sandboxRun = begun;
    state = State.RUNNING;
    events.started(name);
    SandboxSpec wanted = spec;
    if (wanted != null) {
      sandbox.applyEgress(wanted.egress());
    }
    if (wanted == null || !wanted.withEgress(started.egress()).equals(started)) {
      // The spec changed or was withdrawn during the start. Waiting callers get the next sandbox.
      state = State.STOPPING;
      var _ = Thread.ofVirtual().name("sandbox-replace").start(() -> drainAndStop(begun));
    }
    var _ = sandbox.exit().thenAccept(exit -> onExit(begun, exit));
  }

  private void release(SandboxRun used) {
    try (var _ = new HeldLock(lock)) {
      used.leases--;
      used.lastUse = clock.instant();
      changed.signalAll();
    }
  }

  private boolean awaitEnd(SandboxRun ending, Duration timeout) {
    try (var _ = new HeldLock(lock)) {
      long left = timeout.toNanos();
      while (sandboxRun == ending && left > 0) {
        left = changed.awaitNanos(left);
      }
      return sandboxRun != ending;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void onExit(SandboxRun ended, Exit exit) {
    try (var _ = new HeldLock(lock)) {
      if (sandboxRun != ended || state != State.RUNNING) {
        return;
      }
      sandboxRun = null;
      state = State.IDLE;
      starter.ended(ended.spec);
      Instant now = clock.instant();
      backoff = backoff.crashedAt(now, Duration.between(ended.since, now));
      events.ended(name, exit);
      changed.signalAll();
    }
  }

  /** Stops a run in state STOPPING, which gets no new leases. */
  private void drainAndStop(SandboxRun ending) {
    awaitDrained(ending);
    ending.sandbox.stop(settings.grace());
    try (var _ = new HeldLock(lock)) {
      sandboxRun = null;
      state = State.IDLE;
      starter.ended(ending.spec);
      events.stopped(name);
      changed.signalAll();
    }
  }

  private void awaitDrained(SandboxRun ending) {
    try (var _ = new HeldLock(lock)) {
      long left = settings.drain().toNanos();
      while (ending.leases > 0 && left > 0) {
        left = changed.awaitNanos(left);
      }
      while (frozenForWork || ending.freezer.isFrozen()) {
        // Stopping a frozen sandbox would thaw it, so that it could write during a copy or to a
        // full disk.
        changed.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Stops the sandbox if it has been unused for that long, and blocks until it has stopped. */
  boolean stopIfIdleFor(Duration idle) {
    SandboxRun idling;
    try (var _ = new HeldLock(lock)) {
      idling = sandboxRun;
      if (state != State.RUNNING
          || idling == null
          || idling.leases > 0
          || Duration.between(idling.lastUse, clock.instant()).compareTo(idle) < 0) {
        return false;
      }
      state = State.STOPPING;
    }
    drainAndStop(idling);
    return true;
  }

  boolean stopIfTimedOut() {
    Duration timeout;
    try (var _ = new HeldLock(lock)) {
      if (spec == null) {
        return false;
      }
      timeout = spec.limits().idleTimeout();
    }
    return stopIfIdleFor(timeout);
  }

  /** Returns when the sandbox was last used; empty if it does not run or is in use. */
  Optional<Instant> idleSince() {
    try (var _ = new HeldLock(lock)) {
      return state == State.RUNNING && sandboxRun != null && sandboxRun.leases == 0
          ? Optional.of(sandboxRun.lastUse)
          : Optional.empty();
    }
  }

  Optional<SandboxSpec> declaredSpec() {
    try (var _ = new HeldLock(lock)) {
      return Optional.ofNullable(spec);
    }
  }

  /** Returns whether this appspace uses the data folder. */
  boolean uses(Path dataFolder) {
    try (var _ = new HeldLock(lock)) {
      SandboxSpec known = sandboxRun != null ? sandboxRun.spec : spec;
      return known != null && known.dataFolder().equals(dataFolder);
    }
  }

  Optional<Sandbox> running() {
    try (var _ = new HeldLock(lock)) {
      return state == State.RUNNING && sandboxRun != null
          ? Optional.of(sandboxRun.sandbox)
          : Optional.empty();
    }
  }

  boolean isStarting() {
    try (var _ = new HeldLock(lock)) {
      return state == State.STARTING;
    }
  }

  /** Removes the spec, blocks until no process of the appspace runs, and returns the spec. */
  Optional<SandboxSpec> withdraw() {
    SandboxRun ending = null;
    Optional<SandboxSpec> forgotten;
    try (var _ = new HeldLock(lock)) {
      while (replacing) {
        changed.awaitUninterruptibly();
      }
      forgotten = Optional.ofNullable(spec);
      spec = null;
      if (state == State.RUNNING) {
        state = State.STOPPING;
        ending = sandboxRun;
      }
      changed.signalAll();
    }
    if (ending != null) {
      drainAndStop(ending);
    }
    awaitIdle();
    return forgotten;
  }

  private void awaitIdle() {
    try (var _ = new HeldLock(lock)) {
      while (state != State.IDLE) {
        changed.awaitUninterruptibly();
      }
    }
  }
}
