package io.dropserver.schema.instance;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * Resource limits of one appspace. In an {@link Appspace} all values are resolved: the appspace's
 * value, or else the instance's default, or else the built-in default.
 *
 * @param memoryBytes hard limit; above it, the kernel kills the processes of the cgroup
 * @param cpuMillis thousandths of one core
 * @param processes processes and threads together
 * @param storageBytes size of the data folder
 * @param requestTimeout from the first byte of the request to the first byte of the response
 * @param idleTimeout time without use after which the sandbox is frozen; {@link #NEVER}: the
 *     sandbox also starts without a request, and is neither frozen nor stopped as unused
 * @param stopAfter time without use after which the sandbox is stopped, frozen or not
 * @param requestBodyBytes size of one request body
 * @param egress use of the egress gateway
 */
public record Limits(
    long memoryBytes,
    int cpuMillis,
    int processes,
    long storageBytes,
    Duration requestTimeout,
    Duration idleTimeout,
    Duration stopAfter,
    long requestBodyBytes,
    AppspaceEgressLimits egress) {

  /** How {@link #NEVER} is written. */
  public static final String NEVER_TEXT = "never";

  /** An {@code idleTimeout} without an end. */
  public static final Duration NEVER = ChronoUnit.FOREVER.getDuration();

  public static final Limits DEFAULT =
      new Limits(
          256L << 20,
          500,
          64,
          1L << 30,
          Duration.ofSeconds(30),
          Duration.ofSeconds(30),
          Duration.ofDays(7),
          100L << 20,
          AppspaceEgressLimits.DEFAULT);

  public Limits withMemoryBytes(long bytes) {
    return new Limits(
        bytes,
        cpuMillis,
        processes,
        storageBytes,
        requestTimeout,
        idleTimeout,
        stopAfter,
        requestBodyBytes,
        egress);
  }

  /** Returns whether the sandbox runs all the time. */
  public boolean isNeverIdle() {
    return idleTimeout.equals(NEVER);
  }

  /** Returns the idle timeout as written in a document. */
  public String idleTimeoutText() {
    return isNeverIdle() ? NEVER_TEXT : Durations.format(idleTimeout);
  }

  /**
   * The share of the egress gateway that one appspace may use. The machine's totals cap it.
   *
   * @param requestsPerSecond sustained rate; bursts of up to five times as many are allowed
   * @param connections simultaneously open connections from the app
   * @param bytesPerHour bytes of bodies, both directions together
   */
  public record AppspaceEgressLimits(int requestsPerSecond, int connections, long bytesPerHour) {
    public static final AppspaceEgressLimits DEFAULT =
        new AppspaceEgressLimits(200, 128, 16L << 30);
  }
}
