package io.dropserver.reconciler.server;

import io.dropserver.reconciler.approval.Approvals;
import io.dropserver.sandbox.egress.AddressRange;
import io.dropserver.sandbox.egress.Destination;
import io.dropserver.sandbox.egress.Host;
import io.dropserver.sandbox.egress.gateway.AllowedPrivateRanges;
import io.dropserver.sandbox.egress.gateway.EgressApprovals;
import io.dropserver.sandbox.egress.gateway.EgressGateway;
import io.dropserver.sandbox.egress.gateway.EgressLimits;
import io.dropserver.sandbox.egress.gateway.OwnNames;
import io.dropserver.sandbox.egress.gateway.PeerAppspaces;
import io.dropserver.sandbox.egress.gateway.Resolver;
import io.dropserver.sandbox.egress.gateway.Secrets;
import io.dropserver.schema.host.HostConfig.EgressSettings;
import io.dropserver.web.FrontDoor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Creates the egress gateway from the host configuration. */
record EgressModule(EgressSettings settings, Clock clock) {

  /**
   * @throws IllegalArgumentException naming the file of {@code egress.trust} that cannot be read
   */
  EgressGateway open(
      DeferredDomain own, EgressApprovals approvals, Secrets secrets, PeerAppspaces peerAppspaces) {
    return new EgressGateway(
        new EgressGateway.GatewayDependencies(
            Resolver.SYSTEM, own, approvals, secrets, peerAppspaces, clock),
        openings(),
        settings.trust(),
        EgressLimits.DEFAULT);
  }

  private AllowedPrivateRanges openings() {
    Map<String, InetAddress> hosts = new HashMap<>();
    settings.hosts().forEach((name, address) -> hosts.put(name, literal(address)));
    return new AllowedPrivateRanges(
        settings.allowedRanges().stream()
            .map(range -> AddressRange.parse(range.toString()))
            .toList(),
        hosts);
  }

  private static InetAddress literal(String address) {
    return Host.parse(address.indexOf(':') >= 0 ? "[" + address + "]" : address)
        .literal()
        .orElseThrow(() -> new IllegalArgumentException("egress.hosts: " + address));
  }

  /** The approval requests, which are opened only after the gateway. Thread-safe. */
  static final class DeferredApprovals implements EgressApprovals {
    private volatile Optional<Approvals> connected = Optional.empty();

    void connectTo(Approvals approvals) {
      connected = Optional.of(approvals);
    }

    @Override
    public ApprovalState submit(Request request) {
      Destination destination = Destination.parse(request.origin().url());
      return connected
          .map(
              to ->
                  to.recordRequest(
                      request.appspace(), destination, request.methods(), request.reason()))
          .orElseGet(QueueFull::new);
    }
  }

  /** The secrets, which are opened only after the gateway. Thread-safe. */
  static final class DeferredSecrets implements Secrets {
    private volatile Secrets stored = Secrets.NONE;

    void connectTo(Secrets secrets) {
      stored = secrets;
    }

    @Override
    public Optional<String> find(String appspace, String name) {
      return stored.find(appspace, name);
    }
  }

  /** The front door, which opens only after the gateway. Thread-safe. */
  static final class DeferredSiblings implements PeerAppspaces {
    private final UnixDomainSocketAddress socket;
    private volatile Optional<FrontDoor> door = Optional.empty();

    DeferredSiblings(Path socket) {
      this.socket = UnixDomainSocketAddress.of(socket);
    }

    void connectTo(FrontDoor frontDoor) {
      frontDoor.listenInternally(socket.getPath());
      door = Optional.of(frontDoor);
    }

    @Override
    public Optional<String> appspaceAt(Host host, int port) {
      return host instanceof Host.Name(String name)
          ? door.flatMap(open -> open.appspaceAt(name, port))
          : Optional.empty();
    }

    @Override
    public SocketChannel connect() throws IOException {
      return SocketChannel.open(socket);
    }
  }

  /** The instance's domain, which is unknown until a revision was read. Thread-safe. */
  static final class DeferredDomain implements OwnNames {
    private volatile Supplier<String> source = () -> "";

    void connectTo(Supplier<String> domain) {
      source = domain;
    }

    @Override
    public Optional<String> domain() {
      return Optional.of(source.get()).filter(domain -> !domain.isEmpty());
    }
  }
}
