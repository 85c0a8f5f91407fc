package io.dropserver.sandbox.local;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.isolation.Cgroup;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves busy appspaces into the kernel's idle scheduling class, so that quiet appspaces get CPU
 * time first. Otherwise every request of a quiet appspace would wait for the time slices of all
 * busy appspaces. A restarted appspace stays in the idle class, so an app gains no priority by
 * crashing. No appspace starves: one that gets almost no CPU time counts as quiet at the next
 * measurement, and a start stays in the idle class for at most {@link #MAX_IDLE_START}.
 * Thread-safe.
 */
final class CpuPriorityController implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CpuPriorityController.class);

  private static final Duration EVERY = Duration.ofMillis(500);

  /**
   * The maximum duration of a start in the idle class. On a fully loaded machine, such a start took
   * 15 s.
   */
  private static final Duration MAX_IDLE_START = Duration.ofSeconds(1);

  /** CPU use, in percent of the limit, above which an appspace becomes busy. */
  private static final int BUSY_PERCENT = 40;

  /** CPU use, in percent of the limit, below which a busy appspace becomes quiet. */
  private static final int QUIET_PERCENT = 20;

  private final Set<LocalSandbox> live;
  private final Map<LocalSandbox, CpuSample> samples = new ConcurrentHashMap<>();
  private final Set<String> busy = ConcurrentHashMap.newKeySet();
  private final Map<Cgroup, Start> idleStarts = new ConcurrentHashMap<>();
  private final Thread thread;

  /**
   * @param used CPU time since the start of the sandbox, in nanoseconds
   * @param at System.nanoTime() of the measurement
   */
  private record CpuSample(long used, long at) {}

  /** A starting sandbox of a busy appspace. */
  private record Start(String appspace, long at) {}

  /**
   * @param live the running sandboxes; the caller may change the set at any time
   */
  private CpuPriorityController(Set<LocalSandbox> live) {
    this.live = live;
    this.thread = Thread.ofPlatform().daemon().name("processor-turns").unstarted(this::run);
  }

  static CpuPriorityController of(Set<LocalSandbox> live) {
    CpuPriorityController turns = new CpuPriorityController(live);
    turns.thread.start();
    return turns;
  }

  /**
   * Moves a starting sandbox into the idle class if its appspace was busy at the last measurement.
   */
  void startBegan(String appspace, Cgroup group) {
    if (busy.contains(appspace)) {
      group.yieldCpu(true);
      idleStarts.put(group, new Start(appspace, System.nanoTime()));
    }
  }

  /** Call this when the sandbox is running or its start has failed. */
  void startEnded(Cgroup group) {
    idleStarts.remove(group);
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(EVERY);
        samples.keySet().retainAll(live);
        live.forEach(this::sample);
        idleStarts.forEach(this::sample);
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private void sample(Cgroup group, Start start) {
    boolean late = System.nanoTime() - start.at() > MAX_IDLE_START.toNanos();
    if (late && idleStarts.remove(group, start)) {
      busy.remove(start.appspace());
      try {
        group.yieldCpu(false);
      } catch (SandboxException e) {
        LOG.debug("the CPU share of {} cannot be restored: {}", start.appspace(), e.getMessage());
      }
    }
  }

  private void sample(LocalSandbox sandbox) {
    try {
      Optional<Long> used = sandbox.cpuNanos();
      if (used.isPresent()) {
        sample(sandbox, used.get(), System.nanoTime());
      }
    } catch (SandboxException ended) {
      samples.remove(sandbox);
    }
  }

  private void sample(LocalSandbox sandbox, long used, long now) {
    @Nullable CpuSample before = samples.put(sandbox, new CpuSample(used, now));
    if (before == null) {
      return; // the CPU time of the start does not count
    }
    long permitted = (now - before.at()) * sandbox.spec().limits().cpuMillis() / 1000;
    updatePriority(sandbox, (used - before.used()) * 100 / Math.max(1, permitted));
  }

  private void updatePriority(LocalSandbox sandbox, long percent) {
    String appspace = sandbox.spec().appspace();
    if (busy.contains(appspace) && percent < QUIET_PERCENT) {
      sandbox.yieldCpu(false);
      busy.remove(appspace);
    } else if (!busy.contains(appspace) && percent > BUSY_PERCENT) {
      sandbox.yieldCpu(true);
      busy.add(appspace);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
