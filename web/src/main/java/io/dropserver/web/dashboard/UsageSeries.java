package io.dropserver.web.dashboard;

import io.dropserver.schema.status.UsagePoint;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/** Resamples irregular samples to one value for each five seconds of the last ten minutes. */
final class UsageSeries {
  private static final int SLOTS = 120;
  private static final Duration SLOT = Duration.ofSeconds(5);

  /** Without a sample for longer than this, the appspace counts as not running. */
  private static final Duration MAX_GAP = Duration.ofSeconds(12);

  private UsageSeries() {}

  /**
   * A series of a resource that only a running appspace uses: 0 where there is no sample.
   *
   * @param samples oldest first
   * @return oldest first; empty without samples
   */
  static List<Long> zeroFilled(
      List<UsagePoint> samples, Instant now, ToLongFunction<UsagePoint> value) {
    return samples.isEmpty() ? List.of() : slots(samples, now, value, false);
  }

  /** What stays as it was last seen. Otherwise as {@link #zeroFilled}. */
  static List<Long> carriedForward(
      List<UsagePoint> samples, Instant now, ToLongFunction<UsagePoint> value) {
    return samples.isEmpty() ? List.of() : slots(samples, now, value, true);
  }

  /** Slots are aligned to the clock, so that they do not shift between two requests. */
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
