package io.dropserver.sandbox.lifecycle;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures for how long each key was in use of late. The measured time grows while a key is in use,
 * and decays while it is not, so that a short pause does not reset it. The number of remembered
 * keys is bounded: if there are too many, those with the least use are forgotten. Not thread-safe.
 */
final class RecentUse {
  /** Four seconds without use make up for one second of use. */
  private static final long DECAY = 4;

  private final int maxKeys;
  private final long mostNanos;
  private final Map<String, Meter> meters = new HashMap<>();

  /**
   * @param maxKeys remembered keys that are not in use
   * @param most the measured time does not grow beyond it
   */
  RecentUse(int maxKeys, Duration most) {
    this.maxKeys = maxKeys;
    this.mostNanos = most.toNanos();
  }

  private final class Meter {
    private int open;
    private long usedNanos;
    private Instant settled;

    Meter(Instant now) {
      settled = now;
    }

    long usedAt(Instant now) {
      long passed = Math.max(0, Duration.between(settled, now).toNanos());
      return open > 0
          ? Math.min(mostNanos, usedNanos + passed)
          : Math.max(0, usedNanos - passed / DECAY);
    }

    void settle(Instant now) {
      usedNanos = usedAt(now);
      settled = now;
    }
  }

  /** Begins a use. Uses of one key that overlap count once. */
  void begin(String key, Instant now) {
    if (!meters.containsKey(key) && meters.size() >= maxKeys) {
      forgetLeastUsed(now);
    }
    Meter meter = meters.computeIfAbsent(key, _ -> new Meter(now));
    meter.settle(now);
    meter.open++;
  }

  /** Ends a use. Called once for each {@link #begin}. */
  void end(String key, Instant now) {
    Meter meter = meters.get(key);
    if (meter != null) {
      meter.settle(now);
      meter.open--;
    }
  }

  Duration used(String key, Instant now) {
    Meter meter = meters.get(key);
    return meter == null ? Duration.ZERO : Duration.ofNanos(meter.usedAt(now));
  }

  /** Keys in use are never forgotten; callers bound them. Forgets many at once, to do it rarely. */
  private void forgetLeastUsed(Instant now) {
    List<Map.Entry<String, Meter>> unused =
        meters.entrySet().stream()
            .filter(each -> each.getValue().open == 0)
            .sorted(Comparator.comparingLong(each -> each.getValue().usedAt(now)))
            .toList();
    unused.subList(0, (unused.size() + 1) / 2).forEach(each -> meters.remove(each.getKey()));
  }

  /** Returns the number of remembered keys. */
  int size() {
    return meters.size();
  }
}
