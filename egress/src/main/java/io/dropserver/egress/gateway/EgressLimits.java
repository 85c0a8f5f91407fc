package io.dropserver.egress.gateway;

import io.dropserver.schema.instance.Limits;
import java.time.Duration;

/**
 * Limits on the use of the gateway. Per-appspace connections, rate, burst and bytes are defaults
 * until the appspace declares its own {@link Limits.AppspaceEgressLimits}.
 *
 * @param totalConnections limit for the sum over all appspaces
 * @param connections concurrent connections of one appspace: from the app, and idle ones to
 *     destinations
 * @param requestsPerSecond average rate of one appspace
 * @param burst burst size of the request rate limit, in requests
 * @param bytesPerHour bytes of bodies that one appspace may transfer, both directions together
 * @param firstRequest timeout from an accepted {@link Preface} to the first request
 * @param connect the timeout for DNS lookup, connection and TLS handshake, over all addresses
 * @param responseHead timeout for the complete response head, from the end of the request
 * @param idle the idle timeout within a body or a WebSocket
 * @param total the timeout for a whole request or WebSocket
 */
public record EgressLimits(
    long totalConnections,
    int connections,
    int requestsPerSecond,
    int burst,
    long bytesPerHour,
    Duration firstRequest,
    Duration connect,
    Duration responseHead,
    Duration idle,
    Duration total) {

  /** The default burst size, in seconds of the average rate. */
  static final int BURST_SECONDS = 5;

  public static final EgressLimits DEFAULT =
      new EgressLimits(
          ConnectionSlots.ofThisProcess(),
          Limits.AppspaceEgressLimits.DEFAULT.connections(),
          Limits.AppspaceEgressLimits.DEFAULT.requestsPerSecond(),
          BURST_SECONDS * Limits.AppspaceEgressLimits.DEFAULT.requestsPerSecond(),
          Limits.AppspaceEgressLimits.DEFAULT.bytesPerHour(),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(120),
          Duration.ofMinutes(10),
          Duration.ofHours(24));
}
