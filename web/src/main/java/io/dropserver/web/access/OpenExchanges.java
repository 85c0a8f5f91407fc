package io.dropserver.web.access;

import io.dropserver.base.concurrent.WakeableLoop;
import io.dropserver.state.site.Site;
import io.dropserver.state.site.SiteTable;
import io.dropserver.web.identity.Identity;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests, WebSockets and jobs in progress, by appspace. Those whose right has ended are
 * ended: when the host table changes, when sessions end, and every minute, because sessions expire.
 * Thread-safe.
 */
public final class OpenExchanges implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OpenExchanges.class);

  /** The interval of the checks for expired sessions. */
  private static final Duration SWEEP = Duration.ofMinutes(1);

  private final Identity identity;
  private final Map<String, Set<OpenExchange>> byAppspace = new ConcurrentHashMap<>();
  private final WakeableLoop sweeper = new WakeableLoop("open-exchanges");
  private volatile Table table = Table.of(new SiteTable("", Map.of(), Map.of()));

  private record Table(Map<String, Site> byHost, Map<String, Site> byAppspace) {
    static Table of(SiteTable sites) {
      Map<String, Site> byAppspace = HashMap.newHashMap(sites.sites().size());
      sites.sites().values().forEach(site -> byAppspace.put(site.appspace(), site));
      return new Table(sites.sites(), byAppspace);
    }

    /** Returns the current state of a site; empty if it is paused or another appspace's now. */
    Optional<Site> current(Site site) {
      return Optional.ofNullable(byHost.get(site.host()))
          .filter(now -> now.appspace().equals(site.appspace()))
          .filter(now -> now.identity().equals(site.identity()))
          .filter(now -> !(now.state() instanceof Site.Paused));
    }

    boolean admits(AccessRight.OfJob job) {
      Optional<Site> site = Optional.ofNullable(byAppspace.get(job.appspace()));
      return site.isPresent()
          ? !(site.get().state() instanceof Site.Paused)
              && job.identity().filter(it -> !it.equals(site.get().identity())).isEmpty()
          : job.identity().isEmpty();
    }
  }

  public OpenExchanges(Identity identity) {
    this.identity = identity;
    identity.onSessionsEnded(this::endUnadmitted);
  }

  /** Starts the checks for expired sessions. */
  public void start() {
    sweeper.start(
        () -> {
          endUnadmitted();
          return SWEEP;
        });
  }

  /** Creates an exchange, which is not registered yet. */
  public OpenExchange exchange(AccessRight right) {
    return new OpenExchange(this, right);
  }

  /** Creates the exchange of a job, which is not registered yet. */
  public OpenExchange job(String appspace) {
    Optional<String> itself =
        Optional.ofNullable(table.byAppspace().get(appspace)).map(Site::identity);
    return exchange(new AccessRight.OfJob(appspace, itself));
  }

  void add(OpenExchange exchange) {
    // The set is changed within compute, so that no other thread removes it as empty meanwhile.
    byAppspace.compute(
        exchange.right().appspace(),
        (_, known) -> {
          Set<OpenExchange> set = known == null ? ConcurrentHashMap.newKeySet() : known;
          set.add(exchange);
          return set;
        });
  }

  void remove(OpenExchange exchange) {
    byAppspace.computeIfPresent(
        exchange.right().appspace(),
        (_, known) -> known.remove(exchange) && known.isEmpty() ? null : known);
  }

  /**
   * Sets the table by which exchanges are checked. Call it before the table is published, so that
   * exchanges that only the new table admits are not ended.
   */
  public void prepareTable(SiteTable next) {
    table = Table.of(next);
  }

  /** Ends all exchanges whose right has ended. When this returns, they pass nothing on. */
  public void endUnadmitted() {
    byAppspace.values().forEach(exchanges -> exchanges.forEach(this::check));
  }

  void check(OpenExchange exchange) {
    if (!holds(exchange.right())) {
      guarded(exchange, OpenExchange::end);
    }
  }

  private boolean holds(AccessRight right) {
    return switch (right) {
      case AccessRight.OfMember(Site site, AppspaceMember member) ->
          table.current(site).filter(member::hasSamePermissionsAt).isPresent()
              && identity.isStillKnown(member.visitor());
      case AccessRight.OfVisitor(Site site, String path) ->
          table.current(site).filter(now -> now.isOpen(path)).isPresent();
      case AccessRight.OfJob job -> table.admits(job);
    };
  }

  /** One connection that does not close must not keep others open. */
  private static void guarded(OpenExchange exchange, Consumer<OpenExchange> closing) {
    try {
      closing.accept(exchange);
    } catch (RuntimeException e) {
      LOG.warn("an exchange of {} does not close", exchange.right().appspace(), e);
    }
  }

  /** Closes the WebSockets of an appspace. */
  public void closeWebSockets(String appspace) {
    byAppspace
        .getOrDefault(appspace, Set.of())
        .forEach(exchange -> guarded(exchange, OpenExchange::closeWebSocket));
  }

  /** Returns the number of exchanges that are registered. */
  public long size() {
    return byAppspace.values().stream().mapToLong(Set::size).sum();
  }

  /** Closes all WebSockets. Other exchanges continue. */
  @Override
  public void close() {
    sweeper.close();
    byAppspace.keySet().forEach(this::closeWebSockets);
  }
}
