package io.dropserver.sandbox.lifecycle;

import java.time.Duration;
import java.time.Instant;

/**
 * Limits restarts of an appspace that failed: immediately after the first failure, then after 1 s,
 * 2 s, 4 s, … 5 min. Immutable.
 *
 * @param failures the number of failures without a stable run in between
 * @param retryAt the earliest time of the next start
 */
record CrashBackoff(int failures, Instant retryAt) {
  static final CrashBackoff NONE = new CrashBackoff(0, Instant.MIN);

  /** A sandbox that has run this long is not in a crash loop. */
  static final Duration STABLE = Duration.ofMinutes(1);

  private static final Duration LONGEST = Duration.ofMinutes(5);
  private static final int MAX_DOUBLINGS = 16;

  CrashBackoff failedAt(Instant now) {
    if (failures == 0) {
      return new CrashBackoff(1, now);
    }
    Duration delay = Duration.ofSeconds(1L << Math.min(failures - 1, MAX_DOUBLINGS));
    return new CrashBackoff(failures + 1, now.plus(delay.compareTo(LONGEST) < 0 ? delay : LONGEST));
  }

  CrashBackoff crashedAt(Instant now, Duration ran) {
    return (ran.compareTo(STABLE) >= 0 ? NONE : this).failedAt(now);
  }

  Duration remaining(Instant now) {
    return now.isBefore(retryAt) ? Duration.between(now, retryAt) : Duration.ZERO;
  }
}
