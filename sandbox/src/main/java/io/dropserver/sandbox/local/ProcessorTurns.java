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
 * Lets quiet appspaces have the processor before busy ones: a spinning app delayed every request of
 * a quiet one by the time slices of all that spin. What nobody else wants a busy one has all the
 * same. An appspace stays busy over the end of its sandbox, so that one that is killed and starts
 * again wins nothing by it. Nobody waits for long: who gets next to nothing is quiet at the next
 * look, and a start goes before nobody for {@link #BEHIND} only. Thread-safe.
 */
final class ProcessorTurns implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ProcessorTurns.class);

  private static final Duration EVERY = Duration.ofSeconds(1);

  /** Beside neighbours that use all there is, a start that always came last took 15 s. */
  private static final Duration BEHIND = Duration.ofSeconds(1);

  /** Of its limit: who used more since the last look lets others go first. */
  private static final int BUSY_PERCENT = 40;

  /** Who used less than this is quiet again. */
  private static final int QUIET_PERCENT = 20;

  private final Set<LocalSandbox> live;
  private final Map<LocalSandbox, Look> looks = new ConcurrentHashMap<>();
  private final Set<String> busy = ConcurrentHashMap.newKeySet();
  private final Map<Cgroup, Start> behind = new ConcurrentHashMap<>();
  private final Thread thread;

  /** What a sandbox had used, and when, both in nanoseconds. */
  private record Look(long used, long at) {}

  /** A busy appspace's sandbox that is not live yet. */
  private record Start(String appspace, long at) {}

  /**
   * @param live the sandboxes that run; may change meanwhile
   */
  private ProcessorTurns(Set<LocalSandbox> live) {
    this.live = live;
    this.thread = Thread.ofVirtual().name("processor-turns").unstarted(this::run);
  }

  static ProcessorTurns of(Set<LocalSandbox> live) {
    ProcessorTurns turns = new ProcessorTurns(live);
    turns.thread.start();
    return turns;
  }

  /**
   * Lets a sandbox begin behind the others if its appspace's last one was busy when it was looked
   * at last.
   */
  void begin(String appspace, Cgroup group) {
    if (busy.contains(appspace)) {
      group.yieldCpu(true);
      behind.put(group, new Start(appspace, System.nanoTime()));
    }
  }

  /** The sandbox is live, or will never be. */
  void begun(Cgroup group) {
    behind.remove(group);
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(EVERY);
        looks.keySet().retainAll(live);
        live.forEach(this::look);
        behind.forEach(this::look);
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private void look(Cgroup group, Start start) {
    boolean late = System.nanoTime() - start.at() > BEHIND.toNanos();
    if (late && behind.remove(group, start)) {
      busy.remove(start.appspace());
      try {
        group.yieldCpu(false);
      } catch (SandboxException e) {
        LOG.debug("the turn of {} does not come back: {}", start.appspace(), e.getMessage());
      }
    }
  }

  private void look(LocalSandbox sandbox) {
    try {
      Optional<Long> used = sandbox.processorNanos();
      if (used.isPresent()) {
        look(sandbox, new Look(used.get(), System.nanoTime()));
      }
    } catch (SandboxException ended) {
      looks.remove(sandbox);
    }
  }

  private void look(LocalSandbox sandbox, Look now) {
    @Nullable Look before = looks.put(sandbox, now);
    if (before == null) {
      return; // a start has a budget of its own
    }
    long permitted = (now.at() - before.at()) * sandbox.spec().limits().cpuMillis() / 1000;
    long percent = (now.used() - before.used()) * 100 / Math.max(1, permitted);
    String appspace = sandbox.spec().appspace();
    if (busy.contains(appspace) && percent < QUIET_PERCENT) {
      sandbox.yieldProcessor(false);
      busy.remove(appspace);
    } else if (!busy.contains(appspace) && percent > BUSY_PERCENT) {
      sandbox.yieldProcessor(true);
      busy.add(appspace);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
