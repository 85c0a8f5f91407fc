package io.dropserver.web.site;

import io.dropserver.sandbox.budget.Descriptors;
import java.time.Duration;

/**
 * What one request, one client and one appspace may take of the front door.
 *
 * @param bodyBytes of a request at most, whatever its appspace declares
 * @param requestsPerAppspace at one time, a quarter of them for members alone
 * @param requestsPerClient at one time, of those of one appspace
 * @param tunnelsPerAppspace open WebSockets, a quarter of them for members alone
 * @param tunnelsPerClient open WebSockets, of those of one appspace
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
  private static final int MOST_CONNECTIONS = 20_000;

  /** Browsers open six to one host and version of HTTP; a network of many persons opens more. */
  private static final int LEAST_PER_CLIENT = 64;

  private static final int MOST_PER_CLIENT = 1_024;

  /** Of heap, for one connection with a whole head and TLS. */
  private static final int CONNECTION_MEMORY = 64 << 10;

  public static final FrontDoorLimits DEFAULT =
      new FrontDoorLimits(
          16L << 30,
          256,
          64,
          4096,
          1024,
          Duration.ofSeconds(30),
          Duration.ofMinutes(5),
          500,
          MOST_CONNECTIONS);

  /** The defaults, as far as this process has descriptors and heap for them. */
  public static FrontDoorLimits ofThisProcess() {
    return DEFAULT.within(Descriptors.limit(), Runtime.getRuntime().maxMemory());
  }

  /**
   * A quarter of the descriptors goes to connections of clients, since each may need another one to
   * an app; the rest is left to apps, files and the server itself. A quarter of the heap goes to
   * what a connection costs without a request.
   */
  FrontDoorLimits within(long descriptors, long heap) {
    long most = Math.min(descriptors / 4, heap / 4 / CONNECTION_MEMORY);
    return new FrontDoorLimits(
        bodyBytes,
        requestsPerAppspace,
        requestsPerClient,
        tunnelsPerAppspace,
        tunnelsPerClient,
        clientIdle,
        streamIdle,
        bytesPerSecond,
        Math.clamp(most, LEAST_PER_CLIENT, connections));
  }

  /** Connections of one client that is not a trusted proxy. */
  int connectionsPerClient() {
    return Math.min(connections, Math.clamp(connections / 16, LEAST_PER_CLIENT, MOST_PER_CLIENT));
  }

  /** From the end of a response, or the beginning of a connection, to the end of the next head. */
  Duration headTime() {
    return clientIdle.multipliedBy(4).dividedBy(3);
  }
}
