package io.dropserver.web.dashboard;

import io.dropserver.control.UsagePoint;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Resamples irregular samples to one value for each five seconds of the last ten minutes.
 * Thread-safe.
 */
final class UsageSeries {
  private static final int SLOTS = 120;
  private static final Duration SLOT = Duration.ofSeconds(5);

  /** The time without a sample after which the appspace counts as stopped. */
  private static final Duration MAX_GAP = Duration.ofSeconds(12);

  private UsageSeries() {}

  /**
   * Returns a series that is 0 where the appspace did not run, such as for memory.
   *
   * @param samples oldest first
   * @return oldest first; empty without samples
   */
  static List<Long> zeroFilled(
      List<UsagePoint> samples, Instant now, ToLongFunction<UsagePoint> value) {
    return samples.isEmpty() ? List.of() : slots(samples, now, value, false);
  }

  /**
   * Returns a series that keeps the last value while the appspace does not run, such as for disk
   * space. Parameters and result are as in {@link #zeroFilled}.
   */
  static List<Long> carriedForward(
      List<UsagePoint> samples, Instant now, ToLongFunction<UsagePoint> value) {
    return samples.isEmpty() ? List.of() : slots(samples, now, value, true);
  }

  /** Slots are aligned to the clock, so that requests within a slot get the same values. */
  private static List<Long> slots(
      List<UsagePoint> samples, Instant now, ToLongFunction<UsagePoint> value, boolean stays) {
    long seconds = SLOT.toSeconds();
    Instant end = Instant.ofEpochSecond((now.getEpochSecond() / seconds + 1) * seconds);
    List<Long> values = new ArrayList<>(SLOTS);
    int next = 0;
    for (int slot = SLOTS - 1; slot >= 0; slot--) {
      Instant at = end.minus(SLOT.multipliedBy(slot));
      while (next < samples.size() && !samples.get(next).time().isAfter(at)) {
        next++;
      }
      UsagePoint last = samples.get(Math.max(0, next - 1));
      boolean running = next > 0 && !last.time().plus(MAX_GAP).isBefore(at);
      values.add(stays || running ? value.applyAsLong(last) : 0);
    }
    return List.copyOf(values);
  }
}
