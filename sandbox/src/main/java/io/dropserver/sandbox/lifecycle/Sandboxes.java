package io.dropserver.sandbox.lifecycle;

import io.dropserver.base.concurrent.MonotonicClock;
import io.dropserver.base.concurrent.Threads;
import io.dropserver.base.concurrent.WakeableLoop;
import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxHost;
import io.dropserver.sandbox.SandboxLeases;
import io.dropserver.sandbox.SandboxSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/**
 * Manages the declared appspaces and their running sandboxes. A sandbox starts with the first
 * lease. While it is not in use, it sleeps: it is frozen and keeps its memory. It stops when it is
 * unused for long, replaced or withdrawn, or when another appspace needs its memory.
 *
 * <p>The caller closes the host after this object. Thread-safe.
 */
public final class Sandboxes implements SandboxLeases, AutoCloseable {
  private static final Duration SWEEP = Duration.ofSeconds(1);

  private final SandboxHost host;
  private final LifecycleSettings settings;
  private final InstantSource clock;
  private final SandboxEvents events;
  private final AwakeClaims awake;
  private final BooleanSupplier memoryIsShort;
  private final Map<String, AppspaceSandbox> appspaces = new ConcurrentHashMap<>();
  private final TooLargeAppspaces tooLarge;
  private final WaitingStarts waitingStarts;
  private final LastUses lastUses;
  private final RoomMaker roomMaker;
  private final Places places;
  private final Starter starter;
  private final WakeableLoop sweeper;

  public Sandboxes(
      SandboxHost host, LifecycleSettings settings, InstantSource clock, SandboxEvents events) {
    this(host, settings, clock, events, new AwakeClaims(clock), () -> false);
  }

  /**
   * @param clock measures the time without use; it must not follow changes of the date, see {@link
   *     MonotonicClock}
   * @param awake the claims of apps to work after their last response
   * @param memoryIsShort whether the machine needs memory; then sleeping sandboxes are stopped
   */
  public Sandboxes(
      SandboxHost host,
      LifecycleSettings settings,
      InstantSource clock,
      SandboxEvents events,
      AwakeClaims awake,
      BooleanSupplier memoryIsShort) {
    this.awake = awake;
    this.memoryIsShort = memoryIsShort;
    this.host = host;
    this.settings = settings;
    this.clock = clock;
    this.events = new LoggedEvents(events);
    Capacity capacity = new Capacity(settings.maxLive(), settings.maxMemoryBytes());
    this.tooLarge = new TooLargeAppspaces(capacity, this.events);
    this.waitingStarts = new WaitingStarts(host, capacity, settings.mostWaiting());
    this.lastUses = new LastUses(settings.lastUses(), clock);
    this.roomMaker = new RoomMaker(appspaces, waitingStarts);
    this.places = new Places(capacity, roomMaker, clock);
    this.starter = new Starter(host, waitingStarts, places);
    this.sweeper = new WakeableLoop("sandbox-sweeper").start(this::sweep);
  }

  /**
   * Sets the spec that leases of the appspace use from now on. A running sandbox with an equal spec
   * is left alone. If only limits or egress differ, the running sandbox adopts them. Otherwise it
   * is drained and stopped, and the next lease starts the new spec.
   */
  public void declare(SandboxSpec spec) {
    appspaceOf(spec).declare(spec);
    tooLarge.declared(spec);
  }

  /**
   * Stops the appspace's sandbox and removes its spec. Blocks until no process of the appspace runs
   * and its resources are released.
   */
  public void withdraw(String appspace) {
    tooLarge.withdrawn(appspace);
    AppspaceSandbox gone = appspaces.get(appspace);
    if (gone != null) {
      gone.withdraw().ifPresent(host::release);
    }
  }

  /**
   * Replaces the running sandbox with one of another spec. New leases wait until the new sandbox
   * has answered a request, so no request is refused. If it does not answer, the appspace keeps its
   * previous spec.
   *
   * @throws SandboxException with the reason of the failure; {@code HealthCheckFailed} when the
   *     sandbox started but did not answer properly
   */
  public void replace(SandboxSpec spec) {
    appspaceOf(spec).work().replace(spec, HealthCheck::require);
  }

  /**
   * Runs a program with a spec that is not yet declared for the appspace. No sandbox of the
   * appspace may run meanwhile.
   *
   * @throws SandboxException see {@link SandboxHost#run}
   */
  public void run(SandboxSpec spec, SandboxHost.Program program) {
    starter.run(spec, program);
  }

  /**
   * Starts a spec that is not yet declared for the appspace, checks that it answers a request, and
   * stops it.
   *
   * @throws SandboxException for the same reasons as {@link #replace}
   */
  public void verifyStart(SandboxSpec spec) {
    Sandbox sandbox = starter.startWhenPossible(spec);
    try {
      HealthCheck.require(sandbox);
    } finally {
      try {
        sandbox.stop(settings.grace());
      } finally {
        starter.ended(spec);
      }
    }
  }

  /** Releases the resources of a spec that is not declared for the appspace. */
  public void release(SandboxSpec spec) {
    host.release(spec);
  }

  /** Withdraws all appspaces in parallel. */
  public void withdrawAll() {
    List<Thread> stops =
        appspaces.values().stream()
            .map(appspace -> Thread.ofVirtual().name("sandbox-withdraw").start(appspace::withdraw))
            .toList();
    stops.forEach(Threads::join);
  }

  @Override
  public Lease lease(String appspace, LeaseCaller caller, BooleanSupplier abandoned) {
    AppspaceSandbox found = appspaces.get(appspace);
    if (found == null) {
      throw SandboxState.notRunning(appspace);
    }
    return found.lease(caller, abandoned);
  }

  /**
   * Freezes the sandbox of the appspace, if one runs, and runs the work. No sandbox of the appspace
   * starts before the work is done; new leases wait.
   *
   * @return whether there was a sandbox to freeze
   * @throws SandboxException when the sandbox cannot be frozen
   */
  public boolean whileFrozen(String appspace, Runnable work) {
    return appspaces.computeIfAbsent(appspace, this::appspace).work().whileFrozen(work);
  }

  /** Freezes the sandbox that uses a data folder, until {@link #thawForDisk}. */
  public void freezeForDisk(Path dataFolder) {
    appspaceWritingTo(dataFolder).ifPresent(AppspaceSandbox::freezeForDisk);
  }

  /** Thaws the sandbox that uses a data folder, unless it is frozen for another reason. */
  public void thawForDisk(Path dataFolder) {
    appspaceWritingTo(dataFolder).ifPresent(AppspaceSandbox::thawForDisk);
  }

  /** Returns the appspace that uses a data folder; empty if it was withdrawn. */
  public Optional<String> appspaceOf(Path dataFolder) {
    return appspaces.entrySet().stream()
        .filter(each -> each.getValue().uses(dataFolder))
        .map(Map.Entry::getKey)
        .findAny();
  }

  private Optional<AppspaceSandbox> appspaceWritingTo(Path dataFolder) {
    return appspaceOf(dataFolder).map(appspaces::get);
  }

  /**
   * Stops the sandbox of the appspace, if one runs, and runs the work. No sandbox of the appspace
   * starts before the work is done; new leases wait.
   */
  public void whileStopped(String appspace, Runnable work) {
    appspaces.computeIfAbsent(appspace, this::appspace).work().whileStopped(work);
  }

  /** Returns the sandbox, awake or asleep, for measurements. It may end at any time. */
  public Optional<Sandbox> running(String appspace) {
    return Optional.ofNullable(appspaces.get(appspace)).flatMap(AppspaceSandbox::running);
  }

  /** Returns the claims of an app to work after its last response. */
  public Optional<AwakeClaims.Awake> awake(String appspace) {
    return awake.of(appspace);
  }

  /** Returns whether the appspace has a sandbox that is frozen because it is not in use. */
  public boolean isAsleep(String appspace) {
    return Optional.ofNullable(appspaces.get(appspace))
        .map(AppspaceSandbox::isAsleep)
        .orElse(false);
  }

  /** Returns the number of requests that wait for a place. */
  int waitingForPlace() {
    return places.waiting();
  }

  /** Returns the number of sandboxes that are frozen because they are not in use. */
  public int asleep() {
    return Math.toIntExact(appspaces.values().stream().filter(AppspaceSandbox::isAsleep).count());
  }

  /** Returns whether a sandbox of the appspace is being started. */
  public boolean isStarting(String appspace) {
    return Optional.ofNullable(appspaces.get(appspace))
        .map(AppspaceSandbox::isStarting)
        .orElse(false);
  }

  /** Returns all sandboxes by appspace, awake or asleep. */
  public Map<String, Sandbox> live() {
    Map<String, Sandbox> live = new TreeMap<>();
    appspaces.forEach(
        (name, appspace) -> appspace.running().ifPresent(sandbox -> live.put(name, sandbox)));
    return live;
  }

  /** Returns the declared spec of the appspace; empty if it was withdrawn. */
  public Optional<SandboxSpec> spec(String appspace) {
    return Optional.ofNullable(appspaces.get(appspace)).flatMap(AppspaceSandbox::declaredSpec);
  }

  /** Stops every sandbox. */
  @Override
  public void close() {
    sweeper.close();
    lastUses.record(appspaces.values());
    places.close(); // so that no withdrawal waits for an upgrade that waits for a place
    withdrawAll();
  }

  private AppspaceSandbox appspaceOf(SandboxSpec spec) {
    return appspaces.computeIfAbsent(
        spec.appspace(), name -> appspace(name, lastUses.before(spec)));
  }

  /** Returns an appspace that is not declared yet. */
  private AppspaceSandbox appspace(String name) {
    return appspace(name, Instant.EPOCH);
  }

  private AppspaceSandbox appspace(String name, Instant lastUse) {
    return new AppspaceSandbox(name, starter, settings, clock, events, awake, lastUse);
  }

  private Duration sweep() {
    if (memoryIsShort.getAsBoolean()) {
      var _ = Thread.ofVirtual().name("sandbox-stop").start(roomMaker::releaseMemory);
    } else if (places.waiting() == 0) {
      waitingStarts.refresh(appspaces.values());
      lastUses.recordWhenDue(appspaces.values());
    }
    // Separate threads, because a stop may take the whole grace period.
    for (AppspaceSandbox appspace : appspaces.values()) {
      var _ = Thread.ofVirtual().name("sandbox-idle").start(appspace.idle()::restIfUnused);
      // Stops no other sandbox to make room, because the two would alternate.
      var _ =
          Thread.ofVirtual()
              .name("sandbox-start")
              .start(() -> appspace.startIfMissing(starter::hasRoom));
    }
    return SWEEP;
  }

  /** Puts the sandbox of the appspace to sleep or stops it, if it is due. */
  void rest(String appspace) {
    Optional.ofNullable(appspaces.get(appspace)).ifPresent(each -> each.idle().restIfUnused());
  }
}
