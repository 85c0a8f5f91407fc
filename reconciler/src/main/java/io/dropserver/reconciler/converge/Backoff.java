package io.dropserver.reconciler.converge;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * Delays between attempts: doubled after each failure in a row, from 750 ms to 15 minutes, with
 * jitter so that keys that failed together do not retry together.
 *
 * @param random returns numbers from 0 to 1
 */
public record Backoff(DoubleSupplier random) {
  static final Duration FIRST = Duration.ofMillis(750);
  static final Duration LONGEST = Duration.ofMinutes(15);

  /** Doubling 750 ms this many times exceeds the longest delay; more would overflow. */
  private static final int DOUBLINGS = 11;

  /** The delay after many failures. */
  public Duration longest() {
    return after(DOUBLINGS + 1);
  }

  /**
   * @param failures number of failures in a row, at least 1
   * @return a delay between three quarters of the nominal one and all of it
   */
  public Duration after(int failures) {
    int doublings = Math.min(Math.max(failures, 1) - 1, DOUBLINGS);
    long nominal = Math.min(FIRST.toMillis() << doublings, LONGEST.toMillis());
    long jitter = (long) (nominal * 0.25 * random.getAsDouble());
    return Duration.ofMillis(Math.max(FIRST.toMillis(), nominal - jitter));
  }
}
