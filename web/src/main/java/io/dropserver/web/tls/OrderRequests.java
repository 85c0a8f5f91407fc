package io.dropserver.web.tls;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Requests for orders before their delay has passed: by an operator, or because a host resolves to
 * other addresses. Thread-safe, except that only the ordering thread takes requests.
 */
final class OrderRequests {
  /**
   * The minimum time between two early orders of a host whose addresses change. Its name servers
   * may belong to a stranger, and authorities limit failures (Let's Encrypt: five per hour and
   * host).
   */
  private static final Duration EARLY_INTERVAL = Duration.ofMinutes(30);

  private final Map<String, CompletableFuture<Optional<String>>> byOperator =
      new ConcurrentHashMap<>();
  private final Set<String> changedHosts = ConcurrentHashMap.newKeySet();

  /** The time before which a host gets no early order. Confined to the ordering thread. */
  private final Map<String, Instant> noEarlyBefore = new HashMap<>();

  /**
   * Adds the request of an operator.
   *
   * @return completes after the order with the failure, or empty
   */
  CompletableFuture<Optional<String>> add(String name) {
    return byOperator.computeIfAbsent(name, _ -> new CompletableFuture<>());
  }

  void addressesChanged(String host) {
    changedHosts.add(host);
  }

  /** Returns the requests of operators by the names of their orders, and removes them. */
  Map<String, CompletableFuture<Optional<String>>> takeByOperator() {
    Map<String, CompletableFuture<Optional<String>>> taken = new HashMap<>();
    byOperator.keySet().forEach(name -> taken.put(name, byOperator.remove(name)));
    return taken;
  }

  /** Returns the hosts whose changed addresses permit an early order now, and removes all. */
  Set<String> takeChangedHosts(Instant now) {
    Set<String> taken = new HashSet<>();
    for (String host : List.copyOf(changedHosts)) {
      changedHosts.remove(host);
      Instant end = noEarlyBefore.getOrDefault(host, Instant.MIN);
      if (!AcmeRetries.ofThisDate(end, now).isAfter(now)) {
        noEarlyBefore.put(host, now.plus(EARLY_INTERVAL));
        taken.add(host);
      }
    }
    return taken;
  }

  /** Forgets hosts without orders. */
  void retain(Set<String> names) {
    noEarlyBefore.keySet().retainAll(names);
  }
}
