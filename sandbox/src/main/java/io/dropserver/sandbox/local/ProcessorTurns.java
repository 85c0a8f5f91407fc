package io.dropserver.sandbox.local;

import io.dropserver.sandbox.SandboxException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Lets quiet appspaces have the processor before busy ones: a spinning app delayed every request of
 * a quiet one by the time slices of all that spin. What nobody else wants a busy one has all the
 * same. An appspace stays busy over the end of its sandbox, so that one that is killed and starts
 * again wins nothing by it. Thread-safe.
 */
final class ProcessorTurns implements AutoCloseable {
  private static final Duration EVERY = Duration.ofSeconds(1);

  /** Of its limit: who used more since the last look lets others go first. */
  private static final int BUSY_PERCENT = 40;

  /** Who used less than this is quiet again. */
  private static final int QUIET_PERCENT = 20;

  private final Set<LocalSandbox> live;
  private final Map<LocalSandbox, Look> looks = new ConcurrentHashMap<>();
  private final Set<String> busy = ConcurrentHashMap.newKeySet();
  private final Thread thread;

  /** What a sandbox had used, and when, both in nanoseconds. */
  private record Look(long used, long at) {}

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

  /** Whether its last sandbox was busy when it was looked at last. */
  boolean isBusy(String appspace) {
    return busy.contains(appspace);
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(EVERY);
        looks.keySet().retainAll(live);
        live.forEach(this::look);
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
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
