package io.dropserver.web.site;

import io.dropserver.control.VisitorRequest;
import io.dropserver.schema.host.CidrBlock;
import io.dropserver.state.site.SiteTable;
import io.dropserver.web.headers.Origin;
import io.dropserver.web.headers.PolicyHeaders;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.server.Connector;

/**
 * The current routes of each listener, and the traffic of each appspace. All routes are replaced
 * atomically. Thread-safe; only one thread publishes.
 */
final class Listeners {
  private final MeterRegistry registry;
  private final FrontDoorLimits limits;
  private final ConcurrentHashMap<String, Traffic> traffic = new ConcurrentHashMap<>();
  private final AtomicReference<Map<Connector, ListenerRoutes>> current =
      new AtomicReference<>(Map.of());

  Listeners(MeterRegistry registry, FrontDoorLimits limits) {
    this.registry = registry;
    this.limits = limits;
  }

  /**
   * @param origin the scheme and port that browsers see, or are redirected to
   * @param redirects whether the listener only redirects
   * @param internal whether the clients are apps that connect through the egress gateway
   */
  record PublicListener(
      Origin origin, List<CidrBlock> trustedProxies, boolean redirects, boolean internal) {}

  record ListenerRoutes(HostRoutes routes, PublicListener listener) {}

  ListenerRoutes of(Connector connector) {
    ListenerRoutes listenerRoutes = current.get().get(connector);
    if (listenerRoutes == null) {
      throw new IllegalStateException("a request arrived before the first host table");
    }
    return listenerRoutes;
  }

  /** Replaces the routes. Requests in flight continue with the previous ones. */
  void publish(SiteTable table, Map<Connector, PublicListener> connectors) {
    Map<Connector, ListenerRoutes> next = new HashMap<>();
    Map<Origin, HostRoutes> made = new HashMap<>();
    connectors.forEach(
        (connector, listener) -> {
          HostRoutes hostRoutes =
              made.computeIfAbsent(
                  listener.origin(), origin -> HostRoutes.of(table, origin, this::trafficOf));
          next.put(connector, new ListenerRoutes(hostRoutes, listener));
        });
    current.set(next);
    Set<String> declared = new HashSet<>();
    table.sites().values().forEach(site -> declared.add(site.appspace()));
    traffic.forEach(
        (appspace, counted) -> {
          if (!declared.contains(appspace) && traffic.remove(appspace, counted)) {
            counted.removeMetrics();
          }
        });
  }

  /** See {@link FrontDoor#recentRequests}. */
  List<Integer> recentRequests(String appspace) {
    return Optional.ofNullable(traffic.get(appspace))
        .map(Traffic::recentRequests)
        .orElse(List.of());
  }

  /** See {@link FrontDoor#latestRequests}. */
  List<VisitorRequest> latestRequests(String appspace) {
    return Optional.ofNullable(traffic.get(appspace))
        .map(Traffic::latestRequests)
        .orElse(List.of());
  }

  private Traffic trafficOf(String appspace) {
    return traffic.computeIfAbsent(appspace, name -> new Traffic(name, registry, limits));
  }

  /**
   * Returns the routes of any listener that serves sites. These listeners differ only in the scheme
   * and port that browsers see.
   */
  ListenerRoutes anyServing() {
    return current.get().values().stream()
        .filter(listenerRoutes -> !listenerRoutes.listener().redirects())
        .findFirst()
        .orElseThrow();
  }

  /** Returns the policy for responses to requests without a valid host. */
  PolicyHeaders anyPolicy() {
    return anyServing().routes().strictPolicy("");
  }
}
