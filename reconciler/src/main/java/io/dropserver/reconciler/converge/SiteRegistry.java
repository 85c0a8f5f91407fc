package io.dropserver.reconciler.converge;

import io.dropserver.base.concurrent.HeldLock;
import io.dropserver.base.concurrent.Timers;
import io.dropserver.schema.instance.BrowserPermissions;
import io.dropserver.schema.instance.EgressWhitelist;
import io.dropserver.schema.instance.Group;
import io.dropserver.state.site.Person;
import io.dropserver.state.site.Site;
import io.dropserver.state.site.SiteTable;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The sites that the front door serves. Changes that arrive while a table is being published are
 * published together in the next table. Thread-safe, but each site must be changed by one thread at
 * a time.
 */
final class SiteRegistry {
  private static final Duration PUBLISH_DELAY = Duration.ofMillis(20);

  /**
   * The minimum pause between builds of the table, as a multiple of the duration of the last build.
   * This limits the share of time spent on building large tables.
   */
  private static final int MIN_PAUSE_FACTOR = 10;

  /** After this time, the clock is read again. */
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

  private final SitePublisher publisher;
  private final Map<String, Site> sites = new ConcurrentHashMap<>();
  private final AtomicLong changes = new AtomicLong();

  /** A lock that is held while a table is built and published. */
  private final ReentrantLock publishing = new ReentrantLock();

  /** Guarded by {@link #publishing}. */
  private long published;

  private volatile Duration lastTook = Duration.ZERO;

  private volatile String domain = "";
  private volatile Map<String, Person> people = Map.of();
  private volatile Map<String, Group> groups = Map.of();

  private final Timers timers;
  private final InstantSource clock;
  private final Function<String, List<EgressWhitelist>> whitelists;

  /** The timer of the next end of a browser entry. Guarded by {@link #publishing}. */
  private Optional<Timers.Timer> nextEnd = Optional.empty();

  private final AtomicBoolean scheduled = new AtomicBoolean();

  /**
   * @param whitelists returns all whitelists of an appspace
   */
  SiteRegistry(
      SitePublisher publisher,
      Timers timers,
      InstantSource clock,
      Function<String, List<EgressWhitelist>> whitelists) {
    this.publisher = publisher;
    this.timers = timers;
    this.clock = clock;
    this.whitelists = whitelists;
  }

  void domain(String changed) {
    if (!changed.equals(domain)) {
      domain = changed;
      changes.incrementAndGet();
    }
  }

  void people(Map<String, Person> changed) {
    if (!changed.equals(people)) {
      people = Map.copyOf(changed);
      changes.incrementAndGet();
    }
  }

  void groups(Map<String, Group> changed) {
    if (!changed.equals(groups)) {
      groups = Map.copyOf(changed);
      changes.incrementAndGet();
    }
  }

  String domain() {
    return domain;
  }

  Optional<Site> find(String appspace) {
    return Optional.ofNullable(sites.get(appspace));
  }

  void put(Site site) {
    if (!site.equals(sites.put(site.appspace(), site))) {
      changes.incrementAndGet();
    }
  }

  void remove(String appspace) {
    if (sites.remove(appspace) != null) {
      changes.incrementAndGet();
    }
  }

  /**
   * Schedules a publication after a short delay, so that changes which arrive in the meantime are
   * included.
   */
  void publishSoon() {
    if (scheduled.compareAndSet(false, true)) {
      Duration rest = lastTook.multipliedBy(MIN_PAUSE_FACTOR);
      timers.after(
          rest.compareTo(PUBLISH_DELAY) > 0 ? rest : PUBLISH_DELAY,
          () -> {
            scheduled.set(false);
            publish();
          });
    }
  }

  /**
   * Publishes pending changes. When this method returns, every change made before the call is in
   * service.
   */
  void publish() {
    long wanted = changes.get();
    try (var _ = new HeldLock(publishing)) {
      if (published >= wanted && wanted > 0) {
        return;
      }
      long startNanos = System.nanoTime();
      published = changes.get();
      Map<String, Site> byHost = new HashMap<>();
      Instant now = clock.instant();
      sites.values().forEach(site -> byHost.put(site.host(), withBrowserAt(site, now)));
      publisher.publish(new SiteTable(domain, byHost, people, groups));
      lastTook = Duration.ofNanos(System.nanoTime() - startNanos);
      awaitNextEnd(now);
    }
  }

  /**
   * Returns a site with the browser permissions that are in force at an instant. Most sites have no
   * entry that expires.
   */
  private Site withBrowserAt(Site site, Instant now) {
    List<EgressWhitelist> lists = whitelists.apply(site.appspace());
    return browserEnds(lists).findAny().isPresent()
        ? site.withBrowser(BrowserPermissions.of(lists, now).policy())
        : site;
  }

  private static Stream<Instant> browserEnds(List<EgressWhitelist> whitelists) {
    return whitelists.stream()
        .flatMap(whitelist -> whitelist.browserEntries().allow().stream())
        .flatMap(entry -> entry.expires().stream());
  }

  /** Publishes the table again when a browser entry ends. The clock may change in the meantime. */
  private void awaitNextEnd(Instant now) {
    nextEnd.ifPresent(Timers.Timer::cancel);
    nextEnd =
        sites.keySet().stream()
            .flatMap(name -> browserEnds(whitelists.apply(name)))
            .filter(end -> end.isAfter(now))
            .min(Instant::compareTo)
            .map(
                end -> {
                  Duration left = Duration.between(now, end);
                  Duration delay = left.compareTo(LONGEST_WAIT) < 0 ? left : LONGEST_WAIT;
                  return timers.after(delay, () -> publishEnded(end));
                });
  }

  private void publishEnded(Instant end) {
    Instant now = clock.instant();
    if (now.isBefore(end)) {
      try (var _ = new HeldLock(publishing)) {
        awaitNextEnd(now);
      }
    } else {
      changes.incrementAndGet();
      publish();
    }
  }
}
