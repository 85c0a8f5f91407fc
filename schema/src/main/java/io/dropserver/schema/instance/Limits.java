package io.dropserver.schema.instance;

import java.time.Duration;

/**
 * What one appspace may use. In an {@link Appspace} all values are resolved: its own, else its
 * instance's default, else the built-in default.
 *
 * @param memoryBytes hard limit, the group is killed above it
 * @param cpuMillis thousandths of one core
 * @param processes processes and threads together
 * @param storageBytes size of the data folder
 * @param requestTimeout from the request's first byte to the response's first byte
 * @param idleTimeout without requests, before the sandbox is stopped
 * @param requestBodyBytes size of one request's body
 * @param egress use of the egress gateway
 */
public record Limits(
    long memoryBytes,
    int cpuMillis,
    int processes,
    long storageBytes,
    Duration requestTimeout,
    Duration idleTimeout,
    long requestBodyBytes,
    Egress egress) {

  public static final Limits DEFAULT =
      new Limits(
          256L << 20,
          500,
          64,
          1L << 30,
          Duration.ofSeconds(30),
          Duration.ofMinutes(5),
          100L << 20,
          Egress.DEFAULT);

  /**
   * What one appspace may take of the egress gateway. The totals of the machine cap it.
   *
   * @param requestsPerSecond on average
   * @param connections open at once, from the app
   * @param bytesPerHour of bodies, both directions together
   */
  public record Egress(int requestsPerSecond, int connections, long bytesPerHour) {
    public static final Egress DEFAULT = new Egress(200, 128, 16L << 30);
  }
}
