package io.dropserver.reconciler.converge;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * How long to wait after the n-th failure in a row: doubled each time from 750 ms to 15 minutes,
 * with jitter so that what failed together does not try again together.
 *
 * @param random from 0 to 1
 */
public record Backoff(DoubleSupplier random) {
  static final Duration FIRST = Duration.ofMillis(750);
  static final Duration LONGEST = Duration.ofMinutes(15);

  /** 750 ms doubled this often is above the longest: more would only overflow. */
  private static final int DOUBLINGS = 11;

  /** As after many failures. */
  public Duration longest() {
    return after(DOUBLINGS + 1);
  }

  /**
   * @param failures in a row, from 1
   * @return between three quarters of the nominal wait and all of it
   */
  public Duration after(int failures) {
    int doublings = Math.min(Math.max(failures, 1) - 1, DOUBLINGS);
    long nominal = Math.min(FIRST.toMillis() << doublings, LONGEST.toMillis());
    long jitter = (long) (nominal * 0.25 * random.getAsDouble());
    return Duration.ofMillis(Math.max(FIRST.toMillis(), nominal - jitter));
  }
}
