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
 * Moves busy appspaces into the kernel's idle scheduling class, so that quiet ones get the
 * processor first: without it, every request of a quiet appspace waits for the time slices of all
 * appspaces that spin. The class stays with the appspace when its sandbox ends, so an app gains
 * nothing by crashing. No appspace starves: one that gets almost no processor time counts as quiet
 * at the next sample, and a start stays in the idle class for {@link #MAX_IDLE_START} only.
 * Thread-safe.
 */
final class CpuPriorityController implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CpuPriorityController.class);

  private static final Duration EVERY = Duration.ofMillis(500);

  /** Next to neighbours that used the whole machine, a start in the idle class took 15 s. */
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
   * @param used CPU time since the start, in nanoseconds
   * @param at System.nanoTime() of the sample
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

  /** Starts a sandbox in the idle class if its appspace was busy at the last sample. */
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
      return; // the start itself does not count
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
