package io.dropserver.server;

import io.dropserver.egress.Destination;
import io.dropserver.egress.Host;
import io.dropserver.egress.gateway.AllowedPrivateRanges;
import io.dropserver.egress.gateway.EgressApprovals;
import io.dropserver.egress.gateway.EgressGateway;
import io.dropserver.egress.gateway.EgressLimits;
import io.dropserver.egress.gateway.HostApi;
import io.dropserver.egress.gateway.OwnNames;
import io.dropserver.egress.gateway.PeerAppspaces;
import io.dropserver.egress.gateway.Resolver;
import io.dropserver.egress.gateway.Secrets;
import io.dropserver.reconciler.approval.Approvals;
import io.dropserver.schema.host.HostConfig.EgressSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Creates the egress gateway from the host configuration. */
public final class EgressModule {
  private EgressModule() {}

  /**
   * @param listeners the TCP addresses at which the server listens
   * @throws IllegalArgumentException when a file of {@code egress.trust} cannot be read; names the
   *     file
   */
  static EgressGateway open(
      EgressSettings settings,
      Stores stores,
      Approvals approvals,
      PeerAppspaces peers,
      HostApi hostApi,
      List<InetSocketAddress> listeners,
      Clock clock) {
    return new EgressGateway(
        new EgressGateway.GatewayDependencies(
            Resolver.SYSTEM,
            new OwnNamesOfServer(stores, listeners),
            request ->
                approvals.recordRequest(
                    request.appspace(),
                    Destination.parse(request.origin().url()),
                    request.methods(),
                    request.reason()),
            stores.secrets(),
            peers,
            hostApi,
            clock),
        openings(settings),
        settings.trust(),
        EgressLimits.DEFAULT);
  }

  private record OwnNamesOfServer(Stores stores, List<InetSocketAddress> listeners)
      implements OwnNames {
    @Override
    public Optional<String> domain() {
      return Optional.of(stores.declared().domain()).filter(domain -> !domain.isEmpty());
    }
  }

  /**
   * Creates a gateway for requests of a command, without apps.
   *
   * @throws IllegalArgumentException like the other method
   */
  public static EgressGateway withoutApps(EgressSettings settings, Clock clock) {
    return new EgressGateway(
        new EgressGateway.GatewayDependencies(
            Resolver.SYSTEM,
            OwnNames.NONE,
            EgressApprovals.DISCARDING,
            Secrets.NONE,
            PeerAppspaces.NONE,
            clock),
        openings(settings),
        settings.trust(),
        EgressLimits.DEFAULT);
  }

  private static AllowedPrivateRanges openings(EgressSettings settings) {
    Map<String, InetAddress> hosts = new HashMap<>();
    settings.hosts().forEach((name, address) -> hosts.put(name, literal(address)));
    return new AllowedPrivateRanges(settings.allowedRanges(), hosts);
  }

  private static InetAddress literal(String address) {
    return Host.parse(address.indexOf(':') >= 0 ? "[" + address + "]" : address)
        .literal()
        .orElseThrow(() -> new IllegalArgumentException("egress.hosts: " + address));
  }
}
