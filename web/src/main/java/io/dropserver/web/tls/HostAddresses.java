package io.dropserver.web.tls;

import io.dropserver.base.concurrent.WakeableLoop;
import io.dropserver.web.tls.Certificates.HostResolver;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Watches the addresses of hosts whose orders failed, and reports a host that resolves to other
 * addresses than before its last order, because the order may succeed now. Thread-safe.
 */
final class HostAddresses implements AutoCloseable {
  private static final Duration LOOK_UP_TIMEOUT = Duration.ofSeconds(10);

  private final HostResolver resolver;
  private final Consumer<String> listener;

  /** The native lookup can block for long and would occupy the carrier of a virtual thread. */
  private final ExecutorService lookUps =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("certificate-host-lookup").factory());

  /** By host. A host without an address has an empty set. */
  private final Map<String, Set<InetAddress>> latest = new ConcurrentHashMap<>();

  private final WakeableLoop loop;
  private volatile Set<String> watched = Set.of();

  /**
   * @param interval between two lookups of a watched host
   * @param listener receives hosts whose addresses have changed and are not empty
   */
  HostAddresses(HostResolver resolver, Duration interval, Consumer<String> listener) {
    this.resolver = resolver;
    this.listener = listener;
    this.loop =
        new WakeableLoop("certificate-hosts")
            .start(
                () -> {
                  for (String host : watched) {
                    compare(host);
                  }
                  return watched.isEmpty() ? WakeableLoop.FOREVER : interval;
                });
  }

  /** Records the addresses of a host that is about to be ordered. Blocks for up to ten seconds. */
  void record(String host) throws InterruptedException {
    latest.put(host, lookUp(host));
  }

  /** Replaces the set of watched hosts. */
  void watch(Set<String> hosts) {
    if (!watched.equals(hosts)) {
      watched = Set.copyOf(hosts);
      latest.keySet().retainAll(watched);
      loop.wake();
    }
  }

  private void compare(String host) throws InterruptedException {
    Set<InetAddress> addresses = lookUp(host);
    if (addresses.isEmpty()) {
      // Name servers fail now and then. A failure changes nothing.
      latest.putIfAbsent(host, addresses);
      return;
    }
    Set<InetAddress> before = latest.put(host, addresses);
    if (before != null && !addresses.equals(before)) {
      listener.accept(host);
    }
  }

  private Set<InetAddress> lookUp(String host) throws InterruptedException {
    Future<InetAddress[]> found = lookUps.submit(() -> resolver.resolve(host));
    try {
      return Set.copyOf(List.of(found.get(LOOK_UP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)));
    } catch (ExecutionException | TimeoutException e) {
      return Set.of();
    } finally {
      found.cancel(true);
    }
  }

  @Override
  public void close() {
    loop.close();
    lookUps.shutdownNow();
  }
}
