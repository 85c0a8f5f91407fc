package io.dropserver.egress.gateway;

import io.dropserver.egress.SpecialAddresses;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Detects addresses of this server: those of its interfaces, and those of the instance's domain,
 * which may belong to a router. A cache is refreshed in the background. Only the first lookup of a
 * domain blocks its caller. Thread-safe.
 */
final class OwnAddresses {
  private static final long FRESH_NANOS = Duration.ofSeconds(10).toNanos();

  /**
   * The timeout of the first lookup of a domain. If its name servers do not answer, the cached
   * addresses apply.
   */
  private static final Duration FIRST = Duration.ofSeconds(5);

  /** The server's key in {@link DnsLookups}. Names of appspaces are never empty. */
  private static final String SERVER = "";

  private final DnsLookups dnsLookups;
  private final OwnNames own;
  private final Duration first;
  private final AtomicBoolean refreshing = new AtomicBoolean();
  private volatile @Nullable Known cached;

  private record Known(
      Optional<String> domain,
      Set<InetAddress> ofInterfaces,
      Set<InetAddress> ofDomain,
      long sinceNanos) {

    boolean contains(InetAddress address) {
      return ofInterfaces.contains(address) || ofDomain.contains(address);
    }
  }

  OwnAddresses(DnsLookups dnsLookups, OwnNames own) {
    this(dnsLookups, own, FIRST);
  }

  /**
   * @param first how long the first lookup of a domain may block
   */
  OwnAddresses(DnsLookups dnsLookups, OwnNames own, Duration first) {
    this.dnsLookups = dnsLookups;
    this.own = own;
    this.first = first;
  }

  boolean contains(InetAddress address) {
    Known current = cached;
    Optional<String> domain = own.domain();
    if (current == null || !current.domain().equals(domain)) {
      return refresh(domain, first.toNanos()).contains(address);
    }
    if (System.nanoTime() - current.sinceNanos() > FRESH_NANOS
        && refreshing.compareAndSet(false, true)) {
      var _ = Thread.ofVirtual().name("own-addresses").start(() -> refreshInBackground(domain));
    }
    return current.contains(address);
  }

  private void refreshInBackground(Optional<String> domain) {
    try {
      refresh(domain, DnsLookups.DEADLINE.toNanos());
    } finally {
      refreshing.set(false);
    }
  }

  private Known refresh(Optional<String> domain, long waitNanos) {
    Known before = cached;
    Set<InetAddress> last =
        before != null && before.domain().equals(domain) ? before.ofDomain() : Set.of();
    Set<InetAddress> ofDomain =
        domain.map(name -> ofDomain(name, waitNanos).orElse(last)).orElse(Set.of());
    Known now = new Known(domain, ofInterfaces(), ofDomain, System.nanoTime());
    cached = now;
    return now;
  }

  /** Looks up the domain. Returns empty on timeout. */
  private Optional<Set<InetAddress>> ofDomain(String domain, long waitNanos) {
    try {
      Set<InetAddress> found = new HashSet<>();
      dnsLookups
          .resolve(SERVER, domain, System.nanoTime() + waitNanos)
          .forEach(address -> found.add(SpecialAddresses.unmapped(address)));
      return Optional.of(found);
    } catch (UnknownHostException e) {
      return Optional.of(Set.of());
    } catch (TimeoutException e) {
      return Optional.empty();
    }
  }

  private static Set<InetAddress> ofInterfaces() {
    try {
      return NetworkInterface.networkInterfaces()
          .flatMap(NetworkInterface::inetAddresses)
          .map(SpecialAddresses::withoutZone)
          .collect(Collectors.toSet());
    } catch (SocketException e) {
      throw new java.io.UncheckedIOException("cannot list this machine's addresses", e);
    }
  }
}
