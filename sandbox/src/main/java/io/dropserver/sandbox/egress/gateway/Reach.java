package io.dropserver.sandbox.egress.gateway;

import io.dropserver.sandbox.egress.Host;
import io.dropserver.sandbox.egress.SpecialAddresses;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/**
 * Resolves hosts and decides whether their addresses may be connected to. A name is resolved once:
 * callers must connect to exactly the addresses that were checked and returned. Thread-safe.
 */
final class Reach {
  private final Openings openings;
  private final LookUps lookUps;
  private final OwnNames own;
  private final OwnAddresses ownAddresses;

  Reach(Openings openings, LookUps lookUps, OwnNames own) {
    this.openings = openings;
    this.lookUps = lookUps;
    this.own = own;
    this.ownAddresses = new OwnAddresses(lookUps, own);
  }

  /** The reason why no policy could allow the host, as far as it is known without a lookup. */
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
   * @param appspace charged for the lookup
   * @param endNanos the caller's deadline, as {@link System#nanoTime}
   * @return at least one address, each of which may be connected to
   * @throws RefusedException when any of the addresses is not allowed, or the name has no address
   */
  List<InetAddress> addresses(String appspace, Host host, long endNanos) throws RefusedException {
    refuse(refusal(host));
    List<InetAddress> addresses =
        switch (host) {
          case Host.Address(InetAddress address) -> List.of(address);
          case Host.Name(String name) -> {
            InetAddress pinned = openings.hosts().get(name);
            yield pinned != null ? List.of(pinned) : lookUp(appspace, name, endNanos);
          }
        };
    if (addresses.isEmpty()) {
      throw new RefusedException(Refusal.nameless(host.authority()));
    }
    List<InetAddress> plain = addresses.stream().map(SpecialAddresses::unmapped).toList();
    for (InetAddress address : plain) {
      refuse(refusal(address));
    }
    return plain;
  }

  private List<InetAddress> lookUp(String appspace, String name, long endNanos)
      throws RefusedException {
    try {
      return lookUps.find(appspace, name, endNanos);
    } catch (UnknownHostException e) {
      throw new RefusedException(Refusal.nameless(name));
    } catch (TimeoutException e) {
      throw new RefusedException(
          Refusal.late("the name servers of " + name + " did not answer in time"));
    }
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
    return SpecialAddresses.isPublic(plain) && !ownAddresses.contain(plain)
        ? Optional.empty()
        : Optional.of(Refusal.notPublic(plain.getHostAddress()));
  }
}
