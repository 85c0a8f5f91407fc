package io.dropserver.reconciler.converge;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * Delays between attempts. The delay starts at 750 ms and doubles after each consecutive failure,
 * up to 15 minutes. Jitter keeps keys that failed together from retrying together.
 *
 * @param random returns numbers from 0 to 1
 */
public record Backoff(DoubleSupplier random) {
  static final Duration FIRST = Duration.ofMillis(750);
  static final Duration LONGEST = Duration.ofMinutes(15);

  /**
   * The number of doublings after which 750 ms exceeds the longest delay. The limit prevents an
   * overflow.
   */
  private static final int DOUBLINGS = 11;

  /** Returns the delay after many consecutive failures. */
  public Duration longest() {
    return after(DOUBLINGS + 1);
  }

  /**
   * @param failures number of consecutive failures, at least 1
   * @return a delay between 75 % and 100 % of the nominal one
   */
  public Duration after(int failures) {
    int doublings = Math.min(Math.max(failures, 1) - 1, DOUBLINGS);
    long nominal = Math.min(FIRST.toMillis() << doublings, LONGEST.toMillis());
    long jitter = (long) (nominal * 0.25 * random.getAsDouble());
    return Duration.ofMillis(Math.max(FIRST.toMillis(), nominal - jitter));
  }
}
