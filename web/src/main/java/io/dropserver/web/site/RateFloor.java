package io.dropserver.web.site;

import java.time.Duration;

/**
 * Enforces a minimum average rate on a client's body, against attacks that send slowly. The first
 * 20 s of waiting are free. Not thread-safe.
 */
final class RateFloor {
  private static final long GRACE_NANOS = Duration.ofSeconds(20).toNanos();

  private final int bytesPerSecond;
  private long waitedNanos;
  private long bytes;

  RateFloor(int bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
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
          408, "the client sends fewer than " + bytesPerSecond + " bytes a second", null);
    }
  }
}
