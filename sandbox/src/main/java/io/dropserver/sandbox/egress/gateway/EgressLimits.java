package io.dropserver.sandbox.egress.gateway;

import java.time.Duration;

/**
 * What appspaces may take of the gateway, each of them unless it says otherwise.
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

  public static final EgressLimits DEFAULT =
      new EgressLimits(
          Connections.ofThisProcess(),
          128,
          200,
          1_000,
          16L << 30,
          Duration.ofSeconds(10),
          Duration.ofSeconds(120),
          Duration.ofMinutes(10),
          Duration.ofHours(24));
}
