package io.dropserver.sandbox.usage;

import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.Sandbox.Usage;
import io.dropserver.sandbox.storage.Storage.Stored;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The latest samples of one appspace, across restarts of its sandbox. Thread-safe. */
final class UsageHistory {
  /** The maximum number of samples: ten minutes, with a sample every five seconds. */
  static final int SAMPLES = 120;

  /** The number of samples in a minute. */
  private static final int WINDOW = 12;

  private static final int THROTTLED_PERCENT = 50;

  // guarded by this, as are all fields below
  private final Deque<UsageSample> samples = new ArrayDeque<>();
  private final Deque<Long> refusedForks = new ArrayDeque<>();
  private final Map<Pressure, Instant> pressures = new EnumMap<>(Pressure.class);
  private @Nullable Sandbox lastSandbox;
  private Usage before = Usage.NONE;
  private Instant beforeAt = Instant.EPOCH;

  synchronized void add(Sandbox sandbox, Usage usage, Stored stored, Instant now) {
    boolean first = !sandbox.equals(lastSandbox);
    lastSandbox = sandbox;
    double seconds = Math.max(1, Duration.between(beforeAt, now).toMillis()) / 1e3;
    Usage since = first ? usage : before;
    samples.add(
        new UsageSample(
            now,
            usage.memoryBytes(),
            (int) ((usage.cpuNanos() - since.cpuNanos()) / 1e6 / seconds),
            percent((usage.throttledNanos() - since.throttledNanos()) / 1e9 / seconds),
            usage.processes(),
            (long) ((usage.ioBytes() - since.ioBytes()) / seconds),
            stored.bytes()));
    refusedForks.add(usage.refusedForks() - (first ? 0 : before.refusedForks()));
    while (samples.size() > SAMPLES) {
      samples.removeFirst();
    }
    while (refusedForks.size() > WINDOW) {
      refusedForks.removeFirst();
    }
    before = usage;
    beforeAt = now;
    set(Pressure.STORAGE, stored.full(), now);
    set(Pressure.DISK, stored.diskFull(), now);
    set(Pressure.PROCESSES, refusedForks.stream().anyMatch(count -> count > 0), now);
    set(Pressure.CPU, isThrottled(), now);
  }

  /**
   * Removes all pressures except {@link Pressure#STORAGE}, and keeps the samples. Call this when no
   * sandbox of the appspace runs.
   */
  synchronized void stopped() {
    lastSandbox = null;
    refusedForks.clear();
    pressures.remove(Pressure.PROCESSES);
    pressures.remove(Pressure.CPU);
    pressures.remove(Pressure.DISK);
  }

  synchronized List<UsageSample> samples() {
    return List.copyOf(samples);
  }

  /** Returns each pressure with its start time. */
  synchronized Map<Pressure, Instant> pressures() {
    return Map.copyOf(pressures);
  }

  private void set(Pressure pressure, boolean present, Instant now) {
    if (present) {
      pressures.putIfAbsent(pressure, now);
    } else {
      pressures.remove(pressure);
    }
  }

  private boolean isThrottled() {
    return samples.size() >= WINDOW
        && samples.stream()
                .skip(samples.size() - (long) WINDOW)
                .mapToInt(UsageSample::throttledPercent)
                .average()
                .orElse(0)
            >= THROTTLED_PERCENT;
  }

  /**
   * Converts to percent, at most 100, because the times of concurrently throttled threads add up.
   */
  private static int percent(double part) {
    return (int) Math.min(100, Math.max(0, part * 100));
  }
}
