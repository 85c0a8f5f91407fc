package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.Sandbox.Exit;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxLeases.Lease;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.schema.concurrent.HeldLock;
import io.dropserver.schema.instance.Limits;
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
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Manages the sandbox of one appspace. Two sandboxes of an appspace never run at the same time,
 * because they would share a data folder. Thread-safe.
 */
final class AppspaceSandbox {
  private enum State {
    /** There is no sandbox. */
    NONE,
    STARTING,
    RUNNING,
    FALLING_ASLEEP,
    /** The sandbox is frozen until the next lease. */
    ASLEEP,
    WAKING_UP,
    STOPPING;

    /** Returns whether another thread will soon set the next state. */
    boolean isTransition() {
      return switch (this) {
        case STARTING, FALLING_ASLEEP, WAKING_UP, STOPPING -> true;
        case NONE, RUNNING, ASLEEP -> false;
      };
    }
  }

  /** The work that excludes starts and other work. */
  private enum Work {
    NONE,
    /** The data is being copied: a running sandbox is frozen. */
    COPY,
    /** The sandbox is stopped, and possibly replaced. */
    REPLACE,
    /** The next start is being prepared. */
    PREPARE
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
  private State state = State.NONE;
  private @Nullable SandboxSpec spec;
  private @Nullable SandboxRun sandboxRun;
  private CrashBackoff backoff = CrashBackoff.NONE;
  private long attempts;
  private Work work = Work.NONE;
  private @Nullable SandboxException failure;
  private @Nullable Instant lastUse;

  /** The spec whose start cannot be prepared. */
  private @Nullable SandboxSpec unpreparable;

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
    if (!declareNow(next)) {
      starter.discardPrepared(name);
    }
  }

  /** Returns whether the spec is the one that was already declared. */
  private boolean declareNow(SandboxSpec next) {
    try (var _ = new HeldLock(lock)) {
      awaitSleepOrWakeUp();
      SandboxSpec before = spec;
      spec = next;
      if (next.equals(before)) {
        return true;
      }
      backoff = CrashBackoff.NONE;
      SandboxRun current = sandboxRun;
      if (current != null) {
        // Applies even while the sandbox drains: a new egress policy takes effect immediately.
        current.sandbox.applyEgress(next.egress());
      }
      present()
          .filter(running -> !adjustInPlace(running, before, next))
          .ifPresent(this::stopInBackground);
      return false;
    }
  }

  /** Waits while the sandbox falls asleep, wakes up or is prepared. Requires the lock. */
  private void awaitSleepOrWakeUp() {
    while (state == State.FALLING_ASLEEP || state == State.WAKING_UP || work == Work.PREPARE) {
      changed.awaitUninterruptibly();
    }
  }

  /**
   * Applies new limits to the running processes. Returns false if anything but limits and egress
   * differs, or the limits cannot be applied. A change of the storage limit requires a restart,
   * because a volume cannot be resized in use. A sleeping sandbox gets its limits when it wakes up.
   */
  private boolean adjustInPlace(
      SandboxRun sandboxRun, @Nullable SandboxSpec before, SandboxSpec next) {
    if (before == null
        || !before.withLimits(next.limits()).withEgress(next.egress()).equals(next)
        || before.limits().storageBytes() != next.limits().storageBytes()) {
      return false;
    }
    if (before.limits().equals(next.limits()) || state == State.ASLEEP) {
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
          return new RunLease(this, current, current.generation, current.lease());
        }
        if (state == State.ASLEEP && current != null) {
          wakeNow(wanted, current);
        } else if (state == State.NONE && work == Work.NONE) {
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
      starter.discardPrepared(name);
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
      starter.discardPrepared(name);
      frozen.ifPresent(run -> run.freezer.freeze(Freezer.Reason.BACKUP));
      task.run();
      return frozen.isPresent();
    } finally {
      frozen.ifPresent(run -> run.freezer.thaw(Freezer.Reason.BACKUP));
      endWork();
    }
  }

  /** See {@link Preparations}. */
  void prepare(Predicate<SandboxSpec> preparation) {
    SandboxSpec known;
    try (var _ = new HeldLock(lock)) {
      if (!isPreparable() || spec == null) {
        return;
      }
      known = spec;
      work = Work.PREPARE;
    }
    boolean possible = false;
    try {
      possible = preparation.test(known);
    } finally {
      try (var _ = new HeldLock(lock)) {
        unpreparable = possible ? null : known;
      }
      endWork();
    }
  }

  /** Returns when the sandbox was last used, if it is stopped and its start can be prepared. */
  Optional<Instant> stoppedWithLastUse() {
    try (var _ = new HeldLock(lock)) {
      return isPreparable() ? Optional.ofNullable(lastUse) : Optional.empty();
    }
  }

  /** Requires the lock. */
  private boolean isPreparable() {
    return state == State.NONE
        && work == Work.NONE
        && spec != null
        && !spec.equals(unpreparable)
        && !spec.limits().isNeverIdle()
        && backoff.remaining(clock.instant()).isZero();
  }

  String name() {
    return name;
  }

  /** Waits until other work has ended, and returns the running sandbox. */
  private Optional<SandboxRun> begin(Work next) {
    try (var _ = new HeldLock(lock)) {
      while (work != Work.NONE || state.isTransition()) {
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

  /** Returns the run that leases get, awake or asleep. Requires the lock. */
  private Optional<SandboxRun> present() {
    return state == State.RUNNING || state == State.ASLEEP
        ? Optional.ofNullable(sandboxRun)
        : Optional.empty();
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
      state = State.NONE;
      changed.signalAll();
    }
  }

  private void onStarted(Sandbox sandbox, SandboxSpec started) {
    SandboxRun begun = new SandboxRun(sandbox, started, starter.nextGeneration(), clock.instant());
    failure = null;
    unpreparable = null;
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

  /**
   * Wakes the sandbox. Requires the lock, and releases it meanwhile.
   *
   * @throws SandboxException reason {@code AtCapacity}; it stays asleep
   */
  private void wakeNow(SandboxSpec wanted, SandboxRun sleeping) {
    state = State.WAKING_UP;
    lock.unlock();
    boolean awake = false;
    boolean usable = true;
    try {
      starter.wakes(wanted);
      usable = isUsableAfterWakeUp(sleeping, wanted);
      awake = true;
    } finally {
      lock.lock();
      state = awake ? State.RUNNING : State.ASLEEP;
      changed.signalAll();
    }
    sleeping.generation = starter.nextGeneration();
    sleeping.lastUse = clock.instant();
    if (!usable) {
      stopInBackground(sleeping);
    }
  }

  private static boolean isUsableAfterWakeUp(SandboxRun sleeping, SandboxSpec wanted) {
    try {
      sleeping.wakeUp(wanted.limits());
      return true;
    } catch (SandboxException usesMore) {
      return false; // the limits were reduced while it was asleep, or it was killed
    }
  }

  /**
   * Puts the sandbox to sleep if it has been unused for that long. A sandbox that cannot be frozen
   * counts as used now.
   *
   * @return whether it fell asleep
   */
  boolean sleepIfIdleFor(Duration idle) {
    SandboxRun unused;
    SandboxSpec known;
    try (var _ = new HeldLock(lock)) {
      Optional<SandboxRun> found = unusedFor(idle);
      if (state != State.RUNNING || work != Work.NONE || found.isEmpty() || spec == null) {
        return false;
      }
      unused = found.get();
      known = spec;
      state = State.FALLING_ASLEEP;
    }
    boolean asleep = false;
    try {
      starter.fellAsleep(known, unused.fallAsleep(known.limits()));
      asleep = true;
    } catch (SandboxException cannotBeFrozen) {
      // The next attempt follows after the idle timeout.
    } finally {
      fellAsleep(unused, asleep);
    }
    return asleep;
  }

  private void fellAsleep(SandboxRun unused, boolean asleep) {
    try (var _ = new HeldLock(lock)) {
      state = asleep ? State.ASLEEP : State.RUNNING;
      if (!asleep) {
        unused.lastUse = clock.instant();
      }
      changed.signalAll();
    }
  }

  private void stopInBackground(SandboxRun ending) {
    state = State.STOPPING;
    var _ = Thread.ofVirtual().name("sandbox-replace").start(() -> drainAndStop(ending));
  }

  /** See {@link RunLease#close}. */
  void release(RunLease lease) {
    SandboxRun used = lease.run();
    try (var _ = new HeldLock(lock)) {
      if (used.leases.remove(lease.number()) || used.yielding.remove(lease.number())) {
        used.lastUse = clock.instant();
        changed.signalAll();
      }
    }
  }

  /** See {@link RunLease#yieldPlace}. */
  void yieldPlace(RunLease lease) {
    SandboxRun used = lease.run();
    try (var _ = new HeldLock(lock)) {
      if (used.leases.remove(lease.number())) {
        used.yielding.add(lease.number());
      }
    }
  }

  /** Returns whether a lease that yields its place is open. */
  boolean isYielding() {
    try (var _ = new HeldLock(lock)) {
      return present().filter(run -> !run.yielding.isEmpty()).isPresent();
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
      awaitSleepOrWakeUp();
      if (sandboxRun != ended || state == State.STOPPING) {
        return;
      }
      sandboxRun = null;
      state = State.NONE;
      lastUse = ended.lastUse;
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
    drainAndStop(ending, settings.drain());
  }

  private void drainAndStop(SandboxRun ending, Duration drain) {
    ending.freezer.thaw(Freezer.Reason.ASLEEP);
    awaitDrained(ending, drain);
    ending.sandbox.stop(settings.grace());
    try (var _ = new HeldLock(lock)) {
      sandboxRun = null;
      state = State.NONE;
      lastUse = ending.lastUse;
      starter.ended(ending.spec);
      awake.endAll(name);
      events.stopped(name);
      changed.signalAll();
    }
  }

  private void awaitDrained(SandboxRun ending, Duration drain) {
    try (var _ = new HeldLock(lock)) {
      long left = drain.toNanos();
      while (ending.isInUse() && left > 0) {
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
      // A stop would wait until the data is copied.
      idling = work == Work.NONE ? unusedFor(idle) : Optional.empty();
      if (idling.isPresent()) {
        state = State.STOPPING;
      }
    }
    // What still uses it has yielded its place.
    idling.ifPresent(run -> drainAndStop(run, Duration.ZERO));
    return idling.isPresent();
  }

  /**
   * Puts an unused sandbox to sleep, or stops it, as its limits say, unless it is never idle or the
   * app keeps itself awake.
   */
  void restIfUnused() {
    if (awake.of(name).isPresent() || isYielding()) {
      touch();
      return;
    }
    Optional<Limits> limits =
        declaredSpec().map(SandboxSpec::limits).filter(known -> !known.isNeverIdle());
    if (limits.isPresent() && !stopIfIdleFor(limits.get().stopAfter())) {
      sleepIfIdleFor(limits.get().idleTimeout());
    }
  }

  /** Counts the time of a claim as use, so that the idle timeout begins at its end. */
  private void touch() {
    try (var _ = new HeldLock(lock)) {
      // A sandbox that was put to sleep for lack of room keeps its place among the sleepers.
      present().filter(_ -> state == State.RUNNING).ifPresent(run -> run.lastUse = clock.instant());
    }
  }

  /**
   * Starts or wakes the sandbox of an appspace that is never idle, and wakes that of an app with
   * work to do, if there is room and no backoff. A failure is reported like that of any start.
   */
  void startIfMissing(Predicate<SandboxSpec> hasRoom) {
    if (missing().filter(hasRoom).isPresent()) {
      try {
        lease().close();
      } catch (SandboxException e) {
        // The next attempt follows after the backoff.
      }
    }
  }

  private Optional<SandboxSpec> missing() {
    try (var _ = new HeldLock(lock)) {
      boolean runs = state != State.NONE && state != State.ASLEEP;
      if (spec == null || runs || work != Work.NONE) {
        return Optional.empty();
      }
      boolean works = state == State.ASLEEP && (awake.of(name).isPresent() || isYielding());
      boolean waits = !backoff.remaining(clock.instant()).isZero();
      return (spec.limits().isNeverIdle() || works) && !waits
          ? Optional.of(spec)
          : Optional.empty();
    }
  }

  /**
   * Returns the run if no lease keeps it awake and it was last used that long ago. Requires the
   * lock.
   */
  private Optional<SandboxRun> unusedFor(Duration idle) {
    Instant now = clock.instant();
    return present()
        .filter(run -> run.leases.isEmpty())
        .filter(run -> Duration.between(run.lastUse, now).compareTo(idle) >= 0);
  }

  /** Returns when the sandbox was last used; empty if there is none or it is in use. */
  Optional<Instant> idleSince() {
    try (var _ = new HeldLock(lock)) {
      return unusedFor(Duration.ZERO).map(run -> run.lastUse);
    }
  }

  boolean isAsleep() {
    try (var _ = new HeldLock(lock)) {
      return state == State.ASLEEP;
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

  /** Returns the sandbox, awake or asleep. */
  Optional<Sandbox> running() {
    try (var _ = new HeldLock(lock)) {
      return present().map(run -> run.sandbox);
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
      awaitSleepOrWakeUp();
      forgotten = Optional.ofNullable(spec);
      spec = null;
      ending = present();
      if (ending.isPresent()) {
        state = State.STOPPING;
      }
      changed.signalAll();
    }
    ending.ifPresent(this::drainAndStop);
    try (var _ = new HeldLock(lock)) {
      while (state != State.NONE) {
        changed.awaitUninterruptibly();
      }
    }
    starter.discardPrepared(name);
    return forgotten;
  }
}
