package io.dropserver.reconciler.customhost;

import io.dropserver.base.concurrent.WakeableLoop;
import io.dropserver.state.site.Site;
import io.dropserver.state.site.SiteTable;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Adds the verified custom hosts to each host table, and verifies all declared ones: new ones
 * immediately, verified ones every few hours. A host that is not verified is not in the table, so
 * that the front door answers it like an unknown host, and no certificate is ordered for it.
 * Thread-safe; a single thread verifies one host at a time.
 */
public final class CustomHosts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CustomHosts.class);

  /** The interval between two verifications of a host that succeed. */
  static final Duration INTERVAL = Duration.ofHours(6);

  private static final Duration FIRST_RETRY = Duration.ofSeconds(10);
  private static final Duration LAST_RETRY = Duration.ofMinutes(10);

  /** The consecutive failures after which a host that is in service is reported. */
  private static final int MIN_FAILURES = 3;

  /** The longest pause. It is short, because a clock can be set and a machine can be suspended. */
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  private final CustomHostStore store;
  private final HostVerifier verifier;
  private final Consumer<SiteTable> target;
  private final InstantSource clock;
  private final WakeableLoop loop = new WakeableLoop("custom-hosts");

  /** Finds out whether a host leads to this server. */
  @FunctionalInterface
  public interface HostVerifier {
    /** Returns the problem; empty if the host leads here. Blocks for up to two minutes. */
    Optional<HostProblem> verify(String host) throws InterruptedException;
  }

  /** The newest table without custom hosts. Guarded by this. */
  private Optional<SiteTable> declared = Optional.empty();

  /** The custom hosts of the published table. Guarded by this. */
  private Set<String> published = Set.of();

  /** Consecutive failures by host. Confined to the loop. */
  private final Map<String, Integer> failed = new HashMap<>();

  /** The earliest time of the next attempt at a host that failed. Confined to the loop. */
  private final Map<String, Instant> retryAt = new HashMap<>();

  /**
   * @param target receives each table, with the verified hosts
   */
  public CustomHosts(
      CustomHostStore store,
      HostVerifier verifier,
      Consumer<SiteTable> target,
      InstantSource clock) {
    this.store = store;
    this.verifier = verifier;
    this.target = target;
    this.clock = clock;
  }

  /** Starts to verify hosts. The front door must answer requests from now on. */
  public CustomHosts start() {
    loop.start(this::verifyDue);
    return this;
  }

  /** Publishes a table. When this returns, it is in service with the hosts that are verified. */
  public synchronized void publish(SiteTable table) {
    declared = Optional.of(table);
    republish(table);
    loop.wake();
  }

  private synchronized void republish(SiteTable table) {
    Set<String> verified = store.verified();
    published = verified;
    target.accept(table.withCustomHosts(verified));
  }

  private synchronized void republishIfChanged() {
    if (!store.verified().equals(published)) {
      declared.ifPresent(this::republish);
    }
  }

  /** Returns the declared hosts, each with the name of its appspace. */
  private synchronized SortedMap<String, String> declaredHosts() {
    SortedMap<String, String> hosts = new TreeMap<>();
    for (Site site : declared.stream().flatMap(table -> table.sites().values().stream()).toList()) {
      site.customHosts().forEach(host -> hosts.put(host, site.appspace()));
    }
    return hosts;
  }

  private Duration verifyDue() throws InterruptedException {
    SortedMap<String, String> appspaces = declaredHosts();
    Set<String> hosts = appspaces.keySet();
    failed.keySet().retainAll(hosts);
    retryAt.keySet().retainAll(hosts);
    pruneStore(hosts);
    Optional<String> next =
        hosts.stream()
            .filter(host -> !dueAt(host).isAfter(clock.instant()))
            .min(
                Comparator.<String, Integer>comparing(host -> failed.getOrDefault(host, 0))
                    .thenComparing(store::failingSince));
    if (next.isPresent()) {
      verify(next.get(), appspaces.getOrDefault(next.get(), ""));
    }
    republishIfChanged();
    if (next.isPresent()) {
      return Duration.ZERO; // so that hosts that fail do not delay one that was added meanwhile
    }
    Instant now = clock.instant();
    return hosts.stream()
        .map(host -> Duration.between(now, dueAt(host)))
        .reduce(LONGEST_PAUSE, (one, other) -> one.compareTo(other) < 0 ? one : other);
  }

  /** Does nothing before the first table, which tells the declared hosts. */
  private synchronized void pruneStore(Set<String> hosts) {
    if (declared.isPresent()) {
      store.prune(hosts);
    }
  }

  private Instant dueAt(String host) {
    Instant latest = clock.instant().plus(INTERVAL);
    return Optional.ofNullable(retryAt.get(host))
        .or(() -> store.verifiedAt(host).map(at -> at.plus(INTERVAL)))
        .filter(at -> !at.isAfter(latest)) // a later time is from before the date was set back
        .orElse(Instant.EPOCH);
  }

  private void verify(String host, String appspace) throws InterruptedException {
    Optional<HostAdmissions.Delay> delay = store.delay(host, appspace);
    if (delay.isPresent()) {
      store.recordFailure(host, delay.get().problem());
      retryAt.put(host, earlier(delay.get().until(), clock.instant().plus(LAST_RETRY)));
      return;
    }
    Optional<HostProblem> problem = verifier.verify(host);
    if (problem.isEmpty()) {
      if (!store.isVerified(host)) {
        LOG.info("{} leads to this server and is in service", host);
      }
      failed.remove(host);
      retryAt.remove(host);
      store.recordSuccess(host, appspace);
      return;
    }
    int times = failed.merge(host, 1, Integer::sum);
    Duration pause = FIRST_RETRY.multipliedBy(1L << Math.min(times - 1, 10));
    retryAt.put(host, clock.instant().plus(pause.compareTo(LAST_RETRY) < 0 ? pause : LAST_RETRY));
    if (times == 1) {
      LOG.info("{} {}", host, problem.get().message());
    }
    // A lost packet on the way to a host that is in service is not worth an alert.
    if (times >= MIN_FAILURES || !store.isVerified(host)) {
      store.recordFailure(host, problem.get());
    }
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  @Override
  public void close() {
    loop.close();
  }
}
