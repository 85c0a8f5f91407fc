package io.dropserver.sandbox.local;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.isolation.Cgroup;
import io.dropserver.sandbox.isolation.Cpus;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets quiet appspaces have the processor before busy ones: a spinning app delayed every request of
 * a quiet one by the time slices of all that spin. An appspace stays busy over the end of its
 * sandbox, so that one that is killed and starts again wins nothing by it. Nobody waits for long:
 * who gets next to nothing is quiet at the next look, and a start goes before nobody for {@link
 * #BEHIND} only.
 *
 * <p>And keeps one processor free of all but those that have been quiet for a while ({@link
 * #PROVEN}): what a start or an end does in the kernel is not interrupted for anybody. While
 * several have not been quiet, those and the server's {@link ServerThreads} that answer keep to
 * that processor, in {@link ShortTurns}, and the collector gets {@link HeapRoom}. See {@code
 * docs/decisions/0020-one-processor-for-the-quiet.md}. Thread-safe.
 */
final class ProcessorTurns implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ProcessorTurns.class);

  private static final Duration EVERY = Duration.ofMillis(500);

  /** Beside neighbours that use all there is, a start that always came last took 15 s. */
  private static final Duration BEHIND = Duration.ofSeconds(1);

  /** Of its limit: who used more since the last look lets others go first. */
  private static final int BUSY_PERCENT = 40;

  /** Who used less than this is quiet again. */
  private static final int QUIET_PERCENT = 20;

  /** Who has been quiet for so long may use every processor. */
  private static final Duration PROVEN = Duration.ofSeconds(10);

  /** So many at once that have not been quiet for a while are a crowd. */
  private static final int MANY = 2;

  /** Who attacks ends, and starts again. */
  private static final Duration CROWDED = Duration.ofSeconds(10);

  private final Set<LocalSandbox> live;
  private final Map<LocalSandbox, Look> looks = new ConcurrentHashMap<>();
  private final Set<String> busy = ConcurrentHashMap.newKeySet();
  private final Map<Cgroup, Start> behind = new ConcurrentHashMap<>();
  private final OptionalInt kept;
  private final ServerThreads threads = new ServerThreads();
  private final HeapRoom heap = new HeapRoom();
  private final ShortTurns shortTurns = new ShortTurns();
  private final Thread thread;
  private boolean parted; // of the thread
  private OptionalLong lastCrowd = OptionalLong.empty(); // of the thread

  /**
   * All in nanoseconds.
   *
   * @param used what a sandbox had used
   * @param at when
   * @param quietSince when it was last seen not to be quiet, or first looked at
   */
  private record Look(long used, long at, long quietSince, boolean proven, Cpus cpus) {}

  /** A busy appspace's sandbox that is not live yet. */
  private record Start(String appspace, long at) {}

  /**
   * @param live the sandboxes that run; may change meanwhile
   * @param kept the processor that is kept free, if any
   */
  private ProcessorTurns(Set<LocalSandbox> live, OptionalInt kept) {
    this.live = live;
    this.kept = kept;
    this.thread = Thread.ofPlatform().daemon().name("processor-turns").unstarted(this::run);
  }

  static ProcessorTurns of(Set<LocalSandbox> live, OptionalInt kept) {
    ProcessorTurns turns = new ProcessorTurns(live, kept);
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
        shortTurns.keepOnly(live);
        lookForCrowd();
        live.forEach(this::look);
        behind.forEach(this::look);
      }
    } catch (InterruptedException closed) {
      together();
      Thread.currentThread().interrupt();
    }
  }

  private void lookForCrowd() {
    long now = System.nanoTime();
    if (looks.values().stream().filter(look -> !look.proven()).count() >= MANY) {
      lastCrowd = OptionalLong.of(now);
    }
    boolean crowd = lastCrowd.isPresent() && now - lastCrowd.getAsLong() < CROWDED.toNanos();
    parted = crowd && kept.isPresent() && threads.part(kept.getAsInt());
    if (parted) {
      heap.widen();
    } else {
      together();
    }
  }

  private void together() {
    threads.join();
    heap.narrow();
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
        look(sandbox, used.get(), System.nanoTime());
      }
    } catch (SandboxException ended) {
      looks.remove(sandbox);
    }
  }

  private void look(LocalSandbox sandbox, long used, long now) {
    @Nullable Look before = looks.get(sandbox);
    if (before == null) {
      looks.put(sandbox, new Look(used, now, now, false, Cpus.OTHERS));
      return; // a start has a budget of its own
    }
    long permitted = (now - before.at()) * sandbox.spec().limits().cpuMillis() / 1000;
    long percent = (used - before.used()) * 100 / Math.max(1, permitted);
    giveTurn(sandbox, percent);
    long quietSince = percent < QUIET_PERCENT ? before.quietSince() : now;
    boolean proven =
        before.proven() ? percent <= BUSY_PERCENT : now - quietSince > PROVEN.toNanos();
    Cpus cpus = cpus(proven);
    if (cpus != before.cpus()) {
      sandbox.useProcessors(cpus);
    }
    if (cpus == Cpus.FIRST) {
      shortTurns.give(sandbox);
    } else {
      shortTurns.takeBack(sandbox);
    }
    looks.put(sandbox, new Look(used, now, quietSince, proven, cpus));
  }

  private Cpus cpus(boolean proven) {
    if (!proven) {
      return Cpus.OTHERS;
    }
    return parted ? Cpus.FIRST : Cpus.ALL;
  }

  private void giveTurn(LocalSandbox sandbox, long percent) {
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
