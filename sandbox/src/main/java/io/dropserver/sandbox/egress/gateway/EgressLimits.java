package io.dropserver.sandbox.egress.gateway;

import io.dropserver.schema.instance.Limits;
import java.time.Duration;

/**
 * Limits on the use of the gateway. Per-appspace connections, rate, burst and bytes are defaults
 * until the appspace declares its own {@link Limits.AppspaceEgressLimits}.
 *
 * @param totalConnections of all appspaces together
 * @param connections open at once, from the app
 * @param requestsPerSecond on average
 * @param burst the number of requests at once
 * @param bytesPerHour of bodies, both directions together
 * @param firstRequest the time until a raw connection must begin a request
 * @param connect the timeout for DNS lookup, connection and TLS handshake, over all addresses
 * @param answer the timeout from there, or from the end of the request's body, to the complete
 *     response head
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
    Duration answer,
    Duration idle,
    Duration total) {

  /** The burst equals the average rate over this many seconds. */
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
