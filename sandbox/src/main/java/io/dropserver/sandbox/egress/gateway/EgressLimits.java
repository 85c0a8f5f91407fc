package io.dropserver.sandbox.egress.gateway;

import io.dropserver.schema.instance.Limits;
import java.time.Duration;

/**
 * What appspaces may take of the gateway. The first four of an appspace hold until it declares its
 * own, {@link Limits.Egress}.
 *
 * @param totalConnections of all appspaces together
 * @param connections open at once, from the app
 * @param requestsPerSecond on average
 * @param burst of requests at once
 * @param bytesPerHour of bodies, both directions together
 * @param connect for the look-up, the connection and the TLS handshake, all addresses together
 * @param answer from then, or from the end of the request's body, until the head of the answer is
 *     whole
 * @param idle within a body or a WebSocket
 * @param total of one request, or of one WebSocket
 */
public record EgressLimits(
    long totalConnections,
    int connections,
    int requestsPerSecond,
    int burst,
    long bytesPerHour,
    Duration connect,
    Duration answer,
    Duration idle,
    Duration total) {

  /** A burst is what an appspace may do in as many seconds. */
  static final int BURST_SECONDS = 5;

  public static final EgressLimits DEFAULT =
      new EgressLimits(
          Connections.ofThisProcess(),
          Limits.Egress.DEFAULT.connections(),
          Limits.Egress.DEFAULT.requestsPerSecond(),
          BURST_SECONDS * Limits.Egress.DEFAULT.requestsPerSecond(),
          Limits.Egress.DEFAULT.bytesPerHour(),
          Duration.ofSeconds(10),
          Duration.ofSeconds(120),
          Duration.ofMinutes(10),
          Duration.ofHours(24));
}
