package io.dropserver.reconciler.converge;

import io.dropserver.schema.concurrent.HeldLock;
import io.dropserver.schema.instance.Group;
import io.dropserver.schema.site.Person;
import io.dropserver.schema.site.Site;
import io.dropserver.schema.site.SiteTable;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

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
  private final AtomicBoolean scheduled = new AtomicBoolean();

  SiteRegistry(SitePublisher publisher, Timers timers) {
    this.publisher = publisher;
    this.timers = timers;
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
      sites.values().forEach(site -> byHost.put(site.host(), site));
      publisher.publish(new SiteTable(domain, byHost, people, groups));
      lastTook = Duration.ofNanos(System.nanoTime() - startNanos);
    }
  }
}
