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
import java.util.concurrent.atomic.AtomicBoolean;
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

  /** The work that excludes starts and other work. */
  private enum Work {
    NONE,
    /** The data is being copied: a running sandbox is frozen. */
    COPY,
    /** The sandbox is stopped, and possibly replaced. */
    REPLACE
  }

  private final String name;
  private final Starter starter;
  private final LifecycleSettings settings;
  private final Clock clock;
  private final SandboxEvents events;
  private final AwakeClaims awake;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // guarded by lock, as are all fields below
  private State state = State.IDLE;
  private @Nullable SandboxSpec spec;
  private @Nullable SandboxRun sandboxRun;
  private CrashBackoff backoff = CrashBackoff.NONE;
  private long attempts;
  private Work work = Work.NONE;
  private @Nullable SandboxException failure;

  AppspaceSandbox(
      String name,
      Starter starter,
      LifecycleSettings settings,
      Clock clock,
      SandboxEvents events,
      AwakeClaims awake) {
    this.name = name;
    this.starter = starter;
    this.settings = settings;
    this.clock = clock;
    this.events = events;
    this.awake = awake;
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
      runningNow()
          .filter(running -> !adjustInPlace(running, before, next))
          .ifPresent(this::stopInBackground);
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
          return new RunLease(this, current, new AtomicBoolean());
        }
        if (state == State.IDLE && work == Work.NONE) {
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
    whileStopped(
        () -> {
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
        });
  }

  /** See {@link Sandboxes#whileStopped}. */
  void whileStopped(Runnable task) {
    Optional<SandboxRun> before = begin(Work.REPLACE);
    try {
      before.ifPresent(this::drainAndStop);
      task.run();
    } finally {
      endWork();
    }
  }

  /** See {@link Sandboxes#whileFrozen}. */
  boolean whileFrozen(Runnable task) {
    Optional<SandboxRun> frozen = begin(Work.COPY);
    try {
      frozen.ifPresent(run -> run.freezer.freeze(Freezer.Reason.BACKUP));
      task.run();
      return frozen.isPresent();
    } finally {
      frozen.ifPresent(run -> run.freezer.thaw(Freezer.Reason.BACKUP));
      endWork();
    }
  }

  /** Waits until other work has ended, and returns the running sandbox. */
  private Optional<SandboxRun> begin(Work next) {
    try (var _ = new HeldLock(lock)) {
      while (work != Work.NONE || state == State.STARTING || state == State.STOPPING) {
        changed.awaitUninterruptibly();
      }
      work = next;
      if (next == Work.REPLACE && sandboxRun != null) {
        state = State.STOPPING;
      }
      return Optional.ofNullable(sandboxRun);
    }
  }

  private void endWork() {
    try (var _ = new HeldLock(lock)) {
      work = Work.NONE;
      changed.signalAll();
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

  /** Returns the run that gets leases. Requires the lock. */
  private Optional<SandboxRun> runningNow() {
    return state == State.RUNNING ? Optional.ofNullable(sandboxRun) : Optional.empty();
  }

  private SandboxSpec requireSpec() {
    if (spec == null) {
      throw notRunning(name);
    }
    return spec;
  }

  static SandboxException notRunning(String appspace) {
    return new SandboxException(
        SandboxReason.NOT_RUNNING, "appspace " + appspace + " is not running here");
  }

  /** Starts the sandbox. Requires the lock, and releases it during the start. */
  private void startNow(SandboxSpec wanted) {
    Duration wait = backoff.remaining(clock.instant());
    if (!wait.isZero()) {
      throw new SandboxException(
          SandboxReason.BACKOFF,
          "appspace %s failed %d times; next try in %d s"
              .formatted(name, backoff.failures(), wait.toSeconds() + 1));
    }
    Sandbox sandbox;
    try {
      sandbox = startUnlocked(wanted);
    } catch (SandboxException problem) {
      failure = problem;
      // A lack of capacity or disk space is not the app's fault and may be gone at the next
      // request.
      if (problem.reason().retry() != Retry.WAITING) {
        backoff = backoff.failedAt(clock.instant());
        events.startFailed(name, problem.reason(), String.valueOf(problem.getMessage()));
      }
      throw problem;
    }
    onStarted(sandbox, wanted);
  }

  private Sandbox startUnlocked(SandboxSpec wanted) {
    state = State.STARTING;
    lock.unlock();
    try {
      return starter.start(wanted);
    } finally {
      lock.lock();
      attempts++;
      state = State.IDLE;
      changed.signalAll();
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
      stopInBackground(begun);
    }
    var _ = sandbox.exit().thenAccept(exit -> onExit(begun, exit));
  }

  private void stopInBackground(SandboxRun ending) {
    state = State.STOPPING;
    var _ = Thread.ofVirtual().name("sandbox-replace").start(() -> drainAndStop(ending));
  }

  /** See {@link RunLease#close}. */
  void release(SandboxRun used) {
    try (var _ = new HeldLock(lock)) {
      used.leases--;
      used.lastUse = clock.instant();
      changed.signalAll();
    }
  }

  /** See {@link RunLease#awaitEnd}. */
  boolean awaitEnd(SandboxRun ending, Duration timeout) {
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
      awake.endAll(name);
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
      awake.endAll(name);
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
      while (work == Work.COPY || ending.freezer.isFrozen()) {
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
    Optional<SandboxRun> idling;
    try (var _ = new HeldLock(lock)) {
      Instant now = clock.instant();
      idling = idleNow().filter(run -> Duration.between(run.lastUse, now).compareTo(idle) >= 0);
      if (idling.isPresent()) {
        state = State.STOPPING;
      }
    }
    idling.ifPresent(this::drainAndStop);
    return idling.isPresent();
  }

  /** Stops an idle sandbox, unless the app keeps itself awake. */
  void stopIfTimedOut() {
    if (awake.of(name).isPresent()) {
      touch();
    } else {
      declaredSpec().ifPresent(known -> stopIfIdleFor(known.limits().idleTimeout()));
    }
  }

  /** Counts the time of a claim as use, so that the idle timeout begins at its end. */
  private void touch() {
    try (var _ = new HeldLock(lock)) {
      runningNow().ifPresent(run -> run.lastUse = clock.instant());
    }
  }

  /**
   * Starts the sandbox of an appspace that is never idle, if it does not run and its backoff has
   * ended. A failure is reported like that of any start.
   */
  void startIfNeverIdle() {
    if (isMissing()) {
      try {
        lease().close();
      } catch (SandboxException e) {
        // The next attempt follows after the backoff.
      }
    }
  }

  private boolean isMissing() {
    try (var _ = new HeldLock(lock)) {
      return spec != null
          && spec.limits().isNeverIdle()
          && state == State.IDLE
          && work == Work.NONE
          && backoff.remaining(clock.instant()).isZero();
    }
  }

  private Optional<SandboxRun> idleNow() {
    return runningNow().filter(run -> run.leases == 0);
  }

  /** Returns when the sandbox was last used; empty if it does not run or is in use. */
  Optional<Instant> idleSince() {
    try (var _ = new HeldLock(lock)) {
      return idleNow().map(run -> run.lastUse);
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
      return runningNow().map(run -> run.sandbox);
    }
  }

  boolean isStarting() {
    try (var _ = new HeldLock(lock)) {
      return state == State.STARTING;
    }
  }

  /** Removes the spec, blocks until no process of the appspace runs, and returns the spec. */
  Optional<SandboxSpec> withdraw() {
    Optional<SandboxRun> ending;
    Optional<SandboxSpec> forgotten;
    try (var _ = new HeldLock(lock)) {
      while (work == Work.REPLACE) {
        changed.awaitUninterruptibly();
      }
      forgotten = Optional.ofNullable(spec);
      spec = null;
      ending = runningNow();
      if (ending.isPresent()) {
        state = State.STOPPING;
      }
      changed.signalAll();
    }
    ending.ifPresent(this::drainAndStop);
    try (var _ = new HeldLock(lock)) {
      while (state != State.IDLE) {
        changed.awaitUninterruptibly();
      }
    }
    return forgotten;
  }
}
