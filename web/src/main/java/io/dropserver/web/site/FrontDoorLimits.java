package io.dropserver.web.site;

import io.dropserver.base.budget.FileDescriptorLimit;
import java.time.Duration;

/**
 * Limits of the front door for requests, clients and appspaces.
 *
 * @param bodyBytes the maximum size of a request body; an appspace can declare a lower one
 * @param requestsPerAppspace concurrent requests, a quarter of which is reserved for members
 * @param requestsPerClient concurrent requests of one client to one appspace
 * @param tunnelsPerAppspace open WebSockets, a quarter of which is reserved for members
 * @param tunnelsPerClient open WebSockets of one client to one appspace
 * @param clientIdle the idle timeout of a client's connection
 * @param streamIdle the timeout without a byte of an app's response body, or of a WebSocket in
 *     either direction
 * @param bytesPerSecond the minimum average rate at which a client must send a request body
 * @param uploadTime the maximum time for a request body, beside a second for each MiB that the
 *     appspace accepts
 * @param connections the limit of open connections of all clients together
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
    Duration uploadTime,
    int connections) {
  private static final int MAX_CONNECTIONS = 20_000;

  /** A browser opens six connections to one host. Several people can share an address. */
  private static final int MIN_PER_CLIENT = 64;

  private static final int MAX_PER_CLIENT = 1_024;

  /** The heap in bytes for one TLS connection with the largest possible head. */
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
          Duration.ofHours(1),
          MAX_CONNECTIONS);

  /** Returns the defaults, reduced to what this process's file descriptors and heap allow. */
  public static FrontDoorLimits ofThisProcess() {
    return DEFAULT.limitedTo(FileDescriptorLimit.limit(), Runtime.getRuntime().maxMemory());
  }

  /**
   * Reduces the number of connections, so that they use at most a quarter of the file descriptors
   * and, without requests, a quarter of the heap. Each may need a second file descriptor for a
   * connection to an app; the rest is for sandboxes and files.
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
        uploadTime,
        Math.clamp(most, MIN_PER_CLIENT, connections));
  }

  /**
   * Returns the maximum time for a request body.
   *
   * @param bodyLimit the size limit in bytes
   */
  Duration uploadTime(long bodyLimit) {
    return uploadTime.plusSeconds(bodyLimit >> 20);
  }

  /** Returns the connection limit of one client that is not a trusted proxy. */
  int connectionsPerClient() {
    return Math.min(connections, Math.clamp(connections / 16, MIN_PER_CLIENT, MAX_PER_CLIENT));
  }

  /**
   * Returns the time limit for a request head, from the start of the connection or the end of the
   * previous response.
   */
  Duration headTimeout() {
    return clientIdle.multipliedBy(4).dividedBy(3);
  }
}
