package io.dropserver.sandbox.egress.gateway;

import java.time.Duration;

/**
 * What one appspace may take of the gateway.
 *
 * @param connections open at once, from the app
 * @param requestsPerSecond on average
 * @param burst of requests at once
 * @param bytesPerHour of bodies, both directions together
 * @param connect until a connection and its TLS stand, all addresses together
 * @param answer until the head of the answer, counted from the last byte that moved
 * @param idle within a body or a WebSocket
 * @param total of one request, or of one WebSocket
 */
public record EgressLimits(
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
          128,
          200,
          1_000,
          16L << 30,
          Duration.ofSeconds(10),
          Duration.ofSeconds(120),
          Duration.ofMinutes(10),
          Duration.ofHours(24));
}
