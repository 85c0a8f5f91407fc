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
 * measurement, and a start stays in the idle class for at most {@link #FULL_START}.
 *
 * <p>A start has no CPU quota, so after {@link #FULL_START} it has a tenth of the usual weight
 * until it ends: an app that keeps all processors busy while it starts does not slow down others.
 * Thread-safe.
 */
final class CpuPriorityController implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CpuPriorityController.class);

  private static final Duration EVERY = Duration.ofMillis(500);

  /**
   * How long a start may take before its weight is lowered. Also the maximum duration of a start in
   * the idle class: on a fully loaded machine, such a start took 15 s.
   */
  private static final Duration FULL_START = Duration.ofSeconds(1);

  /** CPU use, in percent of the limit, above which an appspace becomes busy. */
  private static final int BUSY_PERCENT = 40;

  /** CPU use, in percent of the limit, below which a busy appspace becomes quiet. */
  private static final int QUIET_PERCENT = 20;

  private final Set<? extends CpuConsumer> live;
  private final Map<CpuConsumer, CpuSample> samples = new ConcurrentHashMap<>();
  private final Set<String> busy = ConcurrentHashMap.newKeySet();
  private final Map<Cgroup, Start> starts = new ConcurrentHashMap<>();
  private final Thread thread;

  /** A running sandbox. */
  interface CpuConsumer {
    String appspace();

    /** Returns the CPU limit in thousandths of a processor. */
    int cpuMillis();

    /**
     * Returns the CPU time used since the start in nanoseconds; empty if the sandbox is ending, has
     * ended, or cannot be measured.
     */
    Optional<Long> cpuNanos();

    /** Sets whether other sandboxes take precedence for the CPU. */
    void yieldCpu(boolean yields);
  }

  /**
   * @param used CPU time since the start of the sandbox, in nanoseconds
   * @param at System.nanoTime() of the measurement
   */
  private record CpuSample(long used, long at) {}

  private enum StartPriority {
    IDLE,
    FULL,
    LOWERED
  }

  /**
   * A starting sandbox.
   *
   * @param at System.nanoTime() of its begin
   */
  private record Start(String appspace, long at, StartPriority priority) {}

  /**
   * @param live the running sandboxes; the caller may change the set at any time
   */
  CpuPriorityController(Set<? extends CpuConsumer> live) {
    this.live = live;
    this.thread = Thread.ofPlatform().daemon().name("cpu-priorities").unstarted(this::run);
  }

  CpuPriorityController start() {
    thread.start();
    return this;
  }

  /**
   * Moves a starting sandbox into the idle class if its appspace was busy at the last measurement.
   *
   * @param now {@link System#nanoTime}
   */
  void startBegan(String appspace, Cgroup group, long now) {
    boolean idle = busy.contains(appspace);
    if (idle) {
      group.yieldCpu(true);
    }
    starts.put(group, new Start(appspace, now, idle ? StartPriority.IDLE : StartPriority.FULL));
  }

  /** Call this when the sandbox is running or its start has failed. */
  void startEnded(Cgroup group) {
    starts.computeIfPresent(
        group,
        (_, start) -> {
          if (start.priority() == StartPriority.LOWERED) {
            setPriority(start, () -> group.lowerCpuWeight(false));
          }
          return null;
        });
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(EVERY);
        update(System.nanoTime());
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Measures all sandboxes once.
   *
   * @param now {@link System#nanoTime}
   */
  void update(long now) {
    samples.keySet().retainAll(live);
    live.forEach(sandbox -> sample(sandbox, now));
    starts
        .keySet()
        .forEach(group -> starts.computeIfPresent(group, (_, start) -> updated(group, start, now)));
  }

  private Start updated(Cgroup group, Start start, long now) {
    if (start.priority() == StartPriority.LOWERED || now - start.at() <= FULL_START.toNanos()) {
      return start;
    }
    if (start.priority() == StartPriority.IDLE) {
      busy.remove(start.appspace());
      setPriority(start, () -> group.yieldCpu(false));
    }
    setPriority(start, () -> group.lowerCpuWeight(true));
    return new Start(start.appspace(), start.at(), StartPriority.LOWERED);
  }

  private static void setPriority(Start start, Runnable change) {
    try {
      change.run();
    } catch (SandboxException e) {
      LOG.debug("the CPU share of {} cannot be changed: {}", start.appspace(), e.getMessage());
    }
  }

  private void sample(CpuConsumer sandbox, long now) {
    try {
      Optional<Long> used = sandbox.cpuNanos();
      if (used.isPresent()) {
        sample(sandbox, used.get(), now);
      }
    } catch (SandboxException ended) {
      samples.remove(sandbox);
    }
  }

  private void sample(CpuConsumer sandbox, long used, long now) {
    @Nullable CpuSample before = samples.put(sandbox, new CpuSample(used, now));
    if (before == null) {
      return; // the CPU time of the start does not count
    }
    long permitted = (now - before.at()) * sandbox.cpuMillis() / 1000;
    updatePriority(sandbox, (used - before.used()) * 100 / Math.max(1, permitted));
  }

  private void updatePriority(CpuConsumer sandbox, long percent) {
    String appspace = sandbox.appspace();
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
