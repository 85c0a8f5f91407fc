package io.dropserver.web.site;

import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** How many things one appspace and one client may have open at a time. Thread-safe. */
final class Admission {
  private final int perAppspace;
  private final int perClient;
  private final ConcurrentHashMap<InetAddress, Integer> clients = new ConcurrentHashMap<>();

  Admission(int perAppspace, int perClient) {
    this.perAppspace = perAppspace;
    this.perClient = perClient;
  }

  /** Who is over the limit. */
  enum Refusal {
    APPSPACE,
    CLIENT
  }

  /**
   * Every entry that is not refused is followed by one {@link #leave}.
   *
   * @param client empty for an app of this server: the gateway bounds what each has open
   */
  Optional<Refusal> enter(AtomicInteger appspace, Optional<InetAddress> client) {
    if (appspace.incrementAndGet() > perAppspace) {
      appspace.decrementAndGet();
      return Optional.of(Refusal.APPSPACE);
    }
    if (client.isPresent() && clients.merge(client.get(), 1, Integer::sum) > perClient) {
      leave(appspace, client);
      return Optional.of(Refusal.CLIENT);
    }
    return Optional.empty();
  }

  void leave(AtomicInteger appspace, Optional<InetAddress> client) {
    appspace.decrementAndGet();
    client.ifPresent(
        from -> clients.computeIfPresent(from, (_, count) -> count == 1 ? null : count - 1));
  }
}
