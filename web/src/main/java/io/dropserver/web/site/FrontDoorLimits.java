package io.dropserver.web.site;

import java.time.Duration;

/**
 * What one request, one client and one appspace may take of the front door.
 *
 * @param bodyBytes of a request
 * @param requestsPerAppspace at one time
 * @param requestsPerClient at one time, by address
 * @param tunnelsPerAppspace open WebSockets
 * @param tunnelsPerClient open WebSockets, by address
 * @param clientIdle without a byte from or to a client, within a request or between two
 * @param streamIdle without a byte from an app within a response, or either way within a WebSocket
 * @param bytesPerSecond that a client must at least send or take, in the long run
 * @param connections of all clients together
 */
public record FrontDoorLimits(
    long bodyBytes,
    int requestsPerAppspace,
    int requestsPerClient,
    int tunnelsPerAppspace,
    int tunnelsPerClient,
    Duration clientIdle,
    Duration streamIdle,
    int bytesPerSecond,
    int connections) {

  public static final FrontDoorLimits DEFAULT =
      new FrontDoorLimits(
          100L << 20,
          256,
          256,
          4096,
          2048,
          Duration.ofSeconds(30),
          Duration.ofMinutes(5),
          500,
          20_000);
}
