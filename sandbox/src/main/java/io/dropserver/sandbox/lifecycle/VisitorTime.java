package io.dropserver.sandbox.lifecycle;

import java.time.Duration;
import java.time.Instant;

/**
 * The allowance of time for which visitors keep the place of a sandbox while others wait: for each
 * appspace, and for each client. A client that opens requests in many appspaces has one allowance
 * for all of them, and many clients have one allowance in each appspace. Thread-safe.
 */
final class VisitorTime {
  /** Clients and appspaces that are remembered without an open lease, each. */
  static final int MAX_KEYS = 4096;

  private static final Duration MOST = PlaceTimes.VISITOR.multipliedBy(2);

  private final RecentUse places = new RecentUse(MAX_KEYS, MOST); // guarded by this
  private final RecentUse clients = new RecentUse(MAX_KEYS, MOST); // guarded by this

  synchronized void begin(String appspace, String client, Instant now) {
    places.begin(appspace, now);
    clients.begin(client, now);
  }

  synchronized void end(String appspace, String client, Instant now) {
    places.end(appspace, now);
    clients.end(client, now);
  }

  /** Returns whether neither the place nor the client has used up its allowance. */
  synchronized boolean hasAllowance(String appspace, String client, Instant now) {
    return places.used(appspace, now).compareTo(PlaceTimes.VISITOR) < 0
        && clients.used(client, now).compareTo(PlaceTimes.VISITOR) < 0;
  }
}
