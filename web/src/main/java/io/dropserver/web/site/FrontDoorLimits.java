package io.dropserver.web.site;

import io.dropserver.sandbox.budget.FileDescriptorLimit;
import java.time.Duration;

/**
 * Limits of the front door for requests, clients and appspaces.
 *
 * @param bodyBytes the maximum size of a request body, whatever the appspace declares
 * @param requestsPerAppspace concurrent requests, a quarter of which is reserved for members
 * @param requestsPerClient concurrent requests of one client to one appspace
 * @param tunnelsPerAppspace open WebSockets, a quarter of which is reserved for members
 * @param tunnelsPerClient open WebSockets of one client to one appspace
 * @param clientIdle the timeout without a byte from or to a client, within a request or between two
 * @param streamIdle the timeout without a byte from an app within a response, or in either
 *     direction within a WebSocket
 * @param bytesPerSecond the minimum average rate at which a client must send or receive
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
  private static final int MAX_CONNECTIONS = 20_000;

  /** Browsers open six to one host and HTTP version; a network with many people opens more. */
  private static final int MIN_PER_CLIENT = 64;

  private static final int MAX_PER_CLIENT = 1_024;

  /** Heap for one TLS connection with the largest possible head. */
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
          MAX_CONNECTIONS);

  /** The defaults, reduced to the file descriptors and the heap of this process. */
  public static FrontDoorLimits ofThisProcess() {
    return DEFAULT.limitedTo(FileDescriptorLimit.limit(), Runtime.getRuntime().maxMemory());
  }

  /**
   * Reduces the number of connections. A quarter of the file descriptors is for client connections,
   * because each may need a second one to an app; the rest is for apps, files and the server
   * itself. A quarter of the heap is for connections without requests.
   */
  FrontDoorLimits limitedTo(long descriptors, long heap) {
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
        Math.clamp(most, MIN_PER_CLIENT, connections));
  }

  /** The connection limit of one client that is not a trusted proxy. */
  int connectionsPerClient() {
    return Math.min(connections, Math.clamp(connections / 16, MIN_PER_CLIENT, MAX_PER_CLIENT));
  }

  /**
   * The time limit for a request head, from the start of the connection or the end of the previous
   * response.
   */
  Duration headTimeout() {
    return clientIdle.multipliedBy(4).dividedBy(3);
  }
}
