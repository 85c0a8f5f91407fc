package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxHost;
import io.dropserver.sandbox.SandboxLeases;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.schema.status.SandboxReason;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Which appspaces may run, and the sandboxes of those that do. A sandbox starts with the first
 * lease and stops when it is idle, replaced, withdrawn, or the longest idle one when others need
 * its place.
 *
 * <p>The host outlives this object. Safe for use by several threads.
 */
public final class Sandboxes implements SandboxLeases, AutoCloseable {
  private static final Duration SWEEP = Duration.ofSeconds(1);

  private final SandboxHost host;
  private final LifecycleSettings settings;
  private final Clock clock;
  private final SandboxEvents events;
  private final Capacity capacity;
  private final AtomicLong generations = new AtomicLong();
  private final Map<String, AppspaceSandbox> appspaces = new ConcurrentHashMap<>();
  private final Thread sweeper;

  public Sandboxes(
      SandboxHost host, LifecycleSettings settings, Clock clock, SandboxEvents events) {
    this.host = host;
    this.settings = settings;
    this.clock = clock;
    this.events = events;
    this.capacity = new Capacity(settings.maxLive(), settings.maxMemoryBytes());
    this.sweeper = Thread.ofVirtual().name("sandbox-sweeper").start(this::sweep);
  }

  /**
   * From now on a lease of the appspace means this spec. A running sandbox of an equal spec is left
   * alone, and one that differs in its limits only takes them as it runs. Any other is drained and
   * stopped, and the next lease starts the new one.
   */
  public void declare(SandboxSpec spec) {
    appspaces.computeIfAbsent(spec.appspace(), this::appspace).declare(spec);
  }

  /**
   * Stops the appspace's sandbox and forgets its spec; returns when nothing of it runs and nothing
   * is kept for it.
   */
  public void withdraw(String appspace) {
    AppspaceSandbox gone = appspaces.get(appspace);
    if (gone != null) {
      gone.withdraw().ifPresent(host::release);
    }
  }

  /**
   * Replaces what runs by another spec without refusing anybody: who asks meanwhile waits. The new
   * sandbox must answer a request; where it does not, the appspace is as it was before.
   *
   * @throws SandboxException why it was not replaced; reason {@code HealthCheckFailed} when it
   *     started and did not answer as an app does
   */
  public void replace(SandboxSpec spec) {
    appspaces.computeIfAbsent(spec.appspace(), this::appspace).replace(spec, HealthCheck::require);
  }

  /**
   * Runs a program of a spec that is not the appspace's yet, while nothing of the appspace runs.
   *
   * @throws SandboxException see {@link SandboxHost#run}
   */
  public void run(SandboxSpec spec, SandboxHost.Program program) {
    reserve(spec);
    try {
      host.run(spec, program);
    } finally {
      capacity.release(spec.appspace());
    }
  }

  /**
   * Starts a spec that is not the appspace's yet, has it answer a request, and stops it.
   *
   * @throws SandboxException as {@link #replace}
   */
  public void tryOut(SandboxSpec spec) {
    reserve(spec);
    try {
      Sandbox sandbox = host.start(spec);
      try {
        HealthCheck.require(sandbox);
      } finally {
        sandbox.stop(settings.grace());
      }
    } finally {
      capacity.release(spec.appspace());
    }
  }

  /** What was kept for a spec that is not the appspace's is given back. */
  public void release(SandboxSpec spec) {
    host.release(spec);
  }

  private void reserve(SandboxSpec spec) {
    capacity.reserve(spec.appspace(), spec.limits().memoryBytes(), this::stopLongestIdle);
  }

  /** All of them, at the same time. */
  public void withdrawAll() {
    List<Thread> stops =
        appspaces.values().stream()
            .map(appspace -> Thread.ofVirtual().name("sandbox-withdraw").start(appspace::withdraw))
            .toList();
    try {
      for (Thread stop : stops) {
        stop.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public Lease lease(String appspace) {
    AppspaceSandbox found = appspaces.get(appspace);
    if (found == null) {
      throw new SandboxException(
          SandboxReason.NOT_RUNNING, "appspace " + appspace + " is not running here");
    }
    return found.lease();
  }

  /**
   * Runs work while no process of the appspace runs: its sandbox is frozen, and none is started
   * before the work is done. Who asks for the appspace meanwhile waits.
   *
   * @return whether there was a sandbox to freeze
   * @throws SandboxException when it cannot be frozen
   */
  public boolean still(String appspace, Runnable work) {
    return appspaces.computeIfAbsent(appspace, this::appspace).still(work);
  }

  /** Stops the processes that write to a data folder, until {@link #thawForDisk}. */
  public void freezeForDisk(Path dataFolder) {
    writing(dataFolder).ifPresent(AppspaceSandbox::freezeForDisk);
  }

  /** They run on unless there is another reason that they do not. */
  public void thawForDisk(Path dataFolder) {
    writing(dataFolder).ifPresent(AppspaceSandbox::thawForDisk);
  }

  /** The appspace whose data is in a folder; empty when it was withdrawn. */
  public Optional<String> appspaceOf(Path dataFolder) {
    return appspaces.entrySet().stream()
        .filter(each -> each.getValue().uses(dataFolder))
        .map(Map.Entry::getKey)
        .findAny();
  }

  private Optional<AppspaceSandbox> writing(Path dataFolder) {
    return appspaceOf(dataFolder).map(appspaces::get);
  }

  /**
   * Stops the appspace's sandbox, and runs work before the next one starts. Requests meanwhile
   * wait.
   */
  public void whileStopped(String appspace, Runnable work) {
    appspaces.computeIfAbsent(appspace, this::appspace).whileStopped(work);
  }

  /** For measuring and freezing; empty when none runs. It may end at any time. */
  public Optional<Sandbox> running(String appspace) {
    return Optional.ofNullable(appspaces.get(appspace)).flatMap(AppspaceSandbox::running);
  }

  /** Whether a sandbox of it is being started. */
  public boolean isStarting(String appspace) {
    return Optional.ofNullable(appspaces.get(appspace))
        .map(AppspaceSandbox::isStarting)
        .orElse(false);
  }

  /** Those that run now, by appspace. */
  public Map<String, Sandbox> live() {
    Map<String, Sandbox> live = new TreeMap<>();
    appspaces.forEach(
        (name, appspace) -> appspace.running().ifPresent(sandbox -> live.put(name, sandbox)));
    return live;
  }

  /** What the appspace is started from; empty when it was withdrawn. */
  public Optional<SandboxSpec> spec(String appspace) {
    return Optional.ofNullable(appspaces.get(appspace)).flatMap(AppspaceSandbox::declared);
  }

  /** Stops every sandbox. */
  @Override
  public void close() {
    sweeper.interrupt();
    withdrawAll();
  }

  private AppspaceSandbox appspace(String name) {
    return new AppspaceSandbox(name, new HostStarter(), settings, clock, events);
  }

  private record Idle(AppspaceSandbox sandbox, Instant since) {}

  /** An app in use keeps its place: who comes later waits or is refused. */
  private boolean stopLongestIdle(String exceptFor) {
    return appspaces.entrySet().stream()
        .filter(entry -> !entry.getKey().equals(exceptFor))
        .map(Map.Entry::getValue)
        .flatMap(sandbox -> sandbox.idleSince().map(since -> new Idle(sandbox, since)).stream())
        .sorted(Comparator.comparing(Idle::since))
        .anyMatch(idle -> idle.sandbox().stopIfIdleFor(Duration.ZERO));
  }

  private void sweep() {
    try {
      while (true) {
        Thread.sleep(SWEEP);
        for (AppspaceSandbox appspace : appspaces.values()) {
          // A stop takes as long as its grace: others do not wait for it.
          var _ = Thread.ofVirtual().name("sandbox-idle").start(appspace::stopIfTimedOut);
        }
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  /** Reserves a place before it asks the host. */
  private final class HostStarter implements Starter {
    @Override
    public Sandbox start(SandboxSpec spec) {
      reserve(spec);
      try {
        return host.start(spec);
      } catch (SandboxException e) {
        ended(spec);
        throw e;
      }
    }

    @Override
    public void ended(SandboxSpec spec) {
      capacity.release(spec.appspace());
    }

    @Override
    public long nextGeneration() {
      return generations.incrementAndGet();
    }
  }
}
