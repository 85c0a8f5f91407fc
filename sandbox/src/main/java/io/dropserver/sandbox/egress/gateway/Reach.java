package io.dropserver.sandbox.egress.gateway;

import io.dropserver.sandbox.egress.Host;
import io.dropserver.sandbox.egress.SpecialAddresses;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which addresses a host stands for, and whether they may be connected to. A name is looked up
 * once; what is returned is what was judged, and is what must be connected to. Thread-safe.
 */
final class Reach {
  private static final long OWN_ADDRESSES_NANOS = Duration.ofSeconds(10).toNanos();

  private final Openings openings;
  private final Resolver resolver;
  private final OwnNames own;
  private volatile OwnAddresses known;

  private record OwnAddresses(Set<InetAddress> addresses, long sinceNanos) {}

  Reach(Openings openings, Resolver resolver, OwnNames own) {
    this.openings = openings;
    this.resolver = resolver;
    this.own = own;
    this.known = new OwnAddresses(Set.of(), System.nanoTime() - 2 * OWN_ADDRESSES_NANOS);
  }

  /** Why no policy could allow the host, as far as that is known without a look-up. */
  Optional<Refusal> refusal(Host host) {
    return switch (host) {
      case Host.Address(InetAddress address) -> refusal(address);
      case Host.Name(String name) -> {
        if (own.contain(name)) {
          yield Optional.of(Refusal.ownName());
        }
        boolean local = name.equals("localhost") || name.endsWith(".localhost");
        yield local && !openings.hosts().containsKey(name) ? loopback() : Optional.empty();
      }
    };
  }

  private Optional<Refusal> loopback() {
    return refusal(InetAddress.getLoopbackAddress());
  }

  /**
   * @return at least one address, each fit to be connected to
   * @throws RefusedException when one of them is not: then none is
   * @throws UnknownHostException when the name has none
   */
  List<InetAddress> addresses(Host host) throws RefusedException, UnknownHostException {
    refuse(refusal(host));
    List<InetAddress> addresses =
        switch (host) {
          case Host.Address(InetAddress address) -> List.of(address);
          case Host.Name(String name) -> {
            InetAddress pinned = openings.hosts().get(name);
            yield pinned != null ? List.of(pinned) : resolver.resolve(name);
          }
        };
    if (addresses.isEmpty()) {
      throw new UnknownHostException("no address");
    }
    List<InetAddress> plain = addresses.stream().map(SpecialAddresses::unmapped).toList();
    for (InetAddress address : plain) {
      refuse(refusal(address));
    }
    return plain;
  }

  private static void refuse(Optional<Refusal> refusal) throws RefusedException {
    if (refusal.isPresent()) {
      throw new RefusedException(refusal.get());
    }
  }

  private Optional<Refusal> refusal(InetAddress address) {
    InetAddress plain = SpecialAddresses.unmapped(address);
    if (openings.contain(plain)) {
      return Optional.empty();
    }
    return SpecialAddresses.isPublic(plain) && !ownAddresses().contains(plain)
        ? Optional.empty()
        : Optional.of(Refusal.notPublic(plain.getHostAddress()));
  }

  /** Of this machine's interfaces, and where this instance's domain leads: it may be a router's. */
  private Set<InetAddress> ownAddresses() {
    OwnAddresses now = known;
    if (System.nanoTime() - now.sinceNanos() < OWN_ADDRESSES_NANOS) {
      return now.addresses();
    }
    Set<InetAddress> addresses = new HashSet<>();
    try {
      addresses.addAll(
          NetworkInterface.networkInterfaces()
              .flatMap(NetworkInterface::inetAddresses)
              .map(Reach::withoutZone)
              .collect(Collectors.toSet()));
    } catch (SocketException e) {
      throw new java.io.UncheckedIOException("cannot list this machine's addresses", e);
    }
    own.domain().ifPresent(domain -> addresses.addAll(ofOwn(domain)));
    known = new OwnAddresses(Set.copyOf(addresses), System.nanoTime());
    return known.addresses();
  }

  private List<InetAddress> ofOwn(String domain) {
    try {
      return resolver.resolve(domain).stream().map(SpecialAddresses::unmapped).toList();
    } catch (UnknownHostException e) {
      return List.of();
    }
  }

  private static InetAddress withoutZone(InetAddress address) {
    try {
      return InetAddress.getByAddress(address.getAddress());
    } catch (UnknownHostException e) {
      throw new AssertionError("an address has as many bytes as an address", e);
    }
  }
}
