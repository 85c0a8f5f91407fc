package io.dropserver.web.site;

import java.time.Duration;

/**
 * Enforces a minimum average rate on a client's body, and a maximum duration, against attacks that
 * send slowly. The first 20 s of waiting are free. Not thread-safe.
 */
final class RateFloor {
  private static final long GRACE_NANOS = Duration.ofSeconds(20).toNanos();

  private final int bytesPerSecond;
  private final Duration longest;
  private long waitedNanos;
  private long bytes;

  /**
   * @param longest the maximum time from the first to the last byte
   */
  RateFloor(int bytesPerSecond, Duration longest) {
    this.bytesPerSecond = bytesPerSecond;
    this.longest = longest;
  }

  /**
   * Adds bytes and the time that the server waited for them.
   *
   * @throws ProxyRequestBody.IncompleteBody when the average rate is too low
   */
  void add(long moreNanos, long moreBytes) throws ProxyRequestBody.IncompleteBody {
    waitedNanos += moreNanos;
    bytes += moreBytes;
    if (waitedNanos > GRACE_NANOS && bytes < waitedNanos / 1_000_000_000L * bytesPerSecond) {
      throw new ProxyRequestBody.IncompleteBody(
          408, "it sends fewer than " + bytesPerSecond + " bytes a second", null);
    }
  }

  /**
   * Checks the time since the server began to read the body, in which it may also have waited for
   * the app.
   *
   * @throws ProxyRequestBody.IncompleteBody when the body takes too long
   */
  void checkDuration(long nanos) throws ProxyRequestBody.IncompleteBody {
    if (nanos > longest.toNanos()) {
      throw new ProxyRequestBody.IncompleteBody(
          408, "it takes longer than %d minutes".formatted(longest.toMinutes()), null);
    }
  }
}
