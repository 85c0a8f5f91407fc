package io.dropserver.egress.gateway;

import io.dropserver.egress.Destination;
import io.dropserver.egress.Host;
import io.dropserver.egress.SpecialAddresses;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/**
 * Resolves hosts and decides whether their addresses may be connected to. A name is resolved once:
 * callers must connect to exactly the addresses that were checked and returned. The server's own
 * listeners are refused whatever the operator opened. Thread-safe.
 */
final class AddressGuard {
  private final AllowedPrivateRanges allowedPrivateRanges;
  private final DnsLookups dnsLookups;
  private final OwnNames own;
  private final OwnAddresses ownAddresses;

  AddressGuard(AllowedPrivateRanges allowedPrivateRanges, DnsLookups dnsLookups, OwnNames own) {
    this.allowedPrivateRanges = allowedPrivateRanges;
    this.dnsLookups = dnsLookups;
    this.own = own;
    this.ownAddresses = new OwnAddresses(dnsLookups, own);
  }

  /** Returns why no policy could allow the host; empty if that is unknown without a lookup. */
  Optional<Refusal> refusal(Destination destination) {
    int port = destination.port();
    return switch (destination.host()) {
      case Host.Address(InetAddress address) -> refusal(address, port);
      case Host.Name(String name) -> {
        if (own.contains(name)) {
          yield Optional.of(Refusal.ownName());
        }
        boolean local = name.equals("localhost") || name.endsWith(".localhost");
        yield local && !allowedPrivateRanges.hosts().containsKey(name)
            ? refusal(InetAddress.getLoopbackAddress(), port)
            : Optional.empty();
      }
    };
  }

  /**
   * Resolves the host of a destination and checks its addresses.
   *
   * @param appspace charged for the lookup
   * @param endNanos the caller's deadline, as {@link System#nanoTime}
   * @return at least one address, each of which may be connected to
   * @throws RefusedException when any of the addresses is not allowed, or the name has no address
   */
  List<InetAddress> resolve(String appspace, Destination destination, long endNanos)
      throws RefusedException {
    refuse(refusal(destination));
    Host host = destination.host();
    List<InetAddress> addresses =
        switch (host) {
          case Host.Address(InetAddress address) -> List.of(address);
          case Host.Name(String name) -> {
            InetAddress pinned = allowedPrivateRanges.hosts().get(name);
            yield pinned != null ? List.of(pinned) : lookUp(appspace, name, endNanos);
          }
        };
    if (addresses.isEmpty()) {
      throw new RefusedException(Refusal.unresolvable(host.authority()));
    }
    List<InetAddress> plain = addresses.stream().map(SpecialAddresses::unmapped).toList();
    for (InetAddress address : plain) {
      refuse(refusal(address, destination.port()));
    }
    return plain;
  }

  private List<InetAddress> lookUp(String appspace, String name, long endNanos)
      throws RefusedException {
    try {
      return dnsLookups.resolve(appspace, name, endNanos);
    } catch (UnknownHostException e) {
      throw new RefusedException(Refusal.unresolvable(name));
    } catch (TimeoutException e) {
      throw new RefusedException(
          Refusal.timeout("the name servers of " + name + " did not respond in time"));
    }
  }

  private static void refuse(Optional<Refusal> refusal) throws RefusedException {
    if (refusal.isPresent()) {
      throw new RefusedException(refusal.get());
    }
  }

  private Optional<Refusal> refusal(InetAddress address, int port) {
    InetAddress plain = SpecialAddresses.unmapped(address);
    if (allowedPrivateRanges.contains(plain)) {
      return isOwnListener(plain, port)
          ? Optional.of(Refusal.ownListener(plain.getHostAddress() + " port " + port))
          : Optional.empty();
    }
    return SpecialAddresses.isPublic(plain) && !ownAddresses.contains(plain)
        ? Optional.empty()
        : Optional.of(Refusal.notPublic(plain.getHostAddress()));
  }

  private boolean isOwnListener(InetAddress address, int port) {
    return own.listeners().stream()
        .filter(listener -> listener.getPort() == port)
        .map(listener -> SpecialAddresses.unmapped(listener.getAddress()))
        .anyMatch(listener -> reaches(address, listener));
  }

  /** The kernel sends packets for the wildcard address to the loopback address. */
  private boolean reaches(InetAddress address, InetAddress listener) {
    if (listener.isAnyLocalAddress()) {
      return address.isAnyLocalAddress()
          || address.isLoopbackAddress()
          || ownAddresses.contains(address);
    }
    return address.equals(listener)
        || (address.isAnyLocalAddress() && listener.isLoopbackAddress());
  }
}
