package io.dropserver.sandbox.usage;

import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.Sandbox.Usage;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.storage.Storage.Stored;
import io.dropserver.sandbox.storage.Storage.Volume;
import io.dropserver.sandbox.storage.VolumeHost;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures every running sandbox every five seconds, and keeps ten minutes of samples of the {@link
 * #APPSPACES} appspaces that were measured or read most recently. Thread-safe.
 */
public final class UsageMonitor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(UsageMonitor.class);
  private static final Duration EVERY = Duration.ofSeconds(5);

  /**
   * The number of measurements between two walks of a plain folder. A walk is expensive, so plain
   * folders are measured only once a minute.
   */
  private static final int WALK_EVERY = 12;

  private static final int APPSPACES = 200;

  private final Supplier<Map<String, Sandbox>> live;
  private final VolumeHost volumes;
  private final Clock clock;
  private final Consumer<Map<String, UsageSample>> listener;
  private final Map<Path, Stored> walked = new java.util.concurrent.ConcurrentHashMap<>();

  /**
   * The histories by appspace, in access order: the history that was measured or read least
   * recently comes first. Guarded by itself.
   */
  private final LinkedHashMap<String, UsageHistory> histories =
      new LinkedHashMap<>(16, 0.75f, true);

  private final Thread thread;

  /**
   * @param live supplies the running sandboxes by appspace
   * @param measured receives the new sample of each running sandbox after each measurement
   */
  public UsageMonitor(
      Supplier<Map<String, Sandbox>> live,
      VolumeHost volumes,
      Clock clock,
      Consumer<Map<String, UsageSample>> measured) {
    this.live = live;
    this.volumes = volumes;
    this.clock = clock;
    this.listener = measured;
    this.thread = Thread.ofPlatform().daemon().name("usage-monitor").start(this::run);
  }

  /** Returns the samples, oldest first; empty if the appspace has not run recently. */
  public List<UsageSample> history(String appspace) {
    return find(appspace).map(UsageHistory::samples).orElse(List.of());
  }

  /** Returns the limits that the appspace currently reaches, each with its start time. */
  public Map<Pressure, Instant> pressures(String appspace) {
    return find(appspace).map(UsageHistory::pressures).orElse(Map.of());
  }

  private Optional<UsageHistory> find(String appspace) {
    synchronized (histories) {
      return Optional.ofNullable(histories.get(appspace));
    }
  }

  private void run() {
    try {
      for (int round = 0; true; round++) {
        Thread.sleep(EVERY);
        measure(round % WALK_EVERY == 0);
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private void measure(boolean walk) {
    Map<String, Sandbox> running = live.get();
    Map<String, UsageSample> newest = new LinkedHashMap<>();
    running.forEach(
        (appspace, sandbox) -> {
          try {
            newest.put(appspace, measure(appspace, sandbox, walk));
          } catch (SandboxException ended) {
            LOG.debug("{} is not measured: {}", appspace, ended.getMessage());
          }
        });
    synchronized (histories) {
      histories.forEach(
          (appspace, history) -> {
            if (!running.containsKey(appspace)) {
              history.stopped();
            }
          });
      Iterator<UsageHistory> oldest = histories.values().iterator();
      while (histories.size() > APPSPACES) {
        oldest.next();
        oldest.remove();
      }
    }
    listener.accept(newest);
  }

  private UsageSample measure(String appspace, Sandbox sandbox, boolean walk) {
    UsageHistory history;
    synchronized (histories) {
      history = histories.computeIfAbsent(appspace, name -> new UsageHistory());
    }
    Usage usage = sandbox.usage();
    Stored stored = stored(sandbox.spec().dataFolder(), walk);
    history.add(sandbox, usage, stored, clock.instant());
    return history.samples().getLast();
  }

  private Stored stored(Path folder, boolean walk) {
    if (volumes.volume(folder).map(Volume::hard).orElse(false)) {
      return volumes.stored(folder);
    }
    return walk || !walked.containsKey(folder)
        ? walked.compute(folder, (path, before) -> volumes.stored(path))
        : walked.getOrDefault(folder, new Stored(0, false, false));
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
