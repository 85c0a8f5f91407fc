package io.dropserver.web.site;

import io.dropserver.schema.host.AddressRange;
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
 * What each listener serves at this moment; all of them are swapped at once. Safe for use by
 * several threads, of which one publishes.
 */
final class Listeners {
  private final MeterRegistry registry;
  private final FrontDoorLimits limits;
  private final ConcurrentHashMap<String, Traffic> traffic = new ConcurrentHashMap<>();
  private final AtomicReference<Map<Connector, Listener>> current = new AtomicReference<>(Map.of());

  Listeners(MeterRegistry registry, FrontDoorLimits limits) {
    this.registry = registry;
    this.limits = limits;
  }

  /**
   * @param origin scheme and port that browsers see, or are led to
   * @param redirects whether it leads there and serves nothing
   * @param inside whether apps come there, by way of the egress gateway, and no browser
   */
  record Public(
      Origin origin, List<AddressRange> trustedProxies, boolean redirects, boolean inside) {}

  record Listener(
      Routes routes, List<AddressRange> trustedProxies, boolean redirects, boolean inside) {}

  Listener of(Connector connector) {
    Listener listener = current.get().get(connector);
    if (listener == null) {
      throw new IllegalStateException("a request came in before the first host table");
    }
    return listener;
  }

  /** In service when this returns; requests in flight go on under the table they began with. */
  void publish(SiteTable table, Map<Connector, Public> connectors) {
    Map<Connector, Listener> next = new HashMap<>();
    Map<Origin, Routes> made = new HashMap<>();
    connectors.forEach(
        (connector, seen) -> {
          Routes routes =
              made.computeIfAbsent(
                  seen.origin(), origin -> Routes.of(table, origin, this::trafficOf));
          next.put(
              connector,
              new Listener(routes, seen.trustedProxies(), seen.redirects(), seen.inside()));
        });
    current.set(next);
    Set<String> declared = new HashSet<>();
    table.sites().values().forEach(site -> declared.add(site.appspace()));
    traffic.forEach(
        (appspace, counted) -> {
          if (!declared.contains(appspace) && traffic.remove(appspace, counted)) {
            counted.remove();
          }
        });
  }

  /** As {@link io.dropserver.web.FrontDoor#requestsLately}. */
  List<Integer> requestsLately(String appspace) {
    return Optional.ofNullable(traffic.get(appspace)).map(Traffic::lately).orElse(List.of());
  }

  private Traffic trafficOf(String appspace) {
    return traffic.computeIfAbsent(appspace, name -> new Traffic(name, registry, limits));
  }

  /** They differ in what browsers see of them only. */
  Listener any() {
    return current.get().values().stream()
        .filter(listener -> !listener.redirects())
        .findFirst()
        .orElseThrow();
  }

  /** For responses that belong to no host. */
  PolicyHeaders anyPolicy() {
    return current.get().values().stream()
        .findFirst()
        .map(listener -> listener.routes().shellPolicy())
        .orElseThrow();
  }
}
