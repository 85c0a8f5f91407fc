package io.dropserver.web.tls;

import io.dropserver.base.concurrent.WakeableLoop;
import io.dropserver.schema.host.HostConfig.Acme;
import io.dropserver.web.dns.ChallengeRecords;
import io.dropserver.web.dns.DnsException;
import io.dropserver.web.tls.AcmeAuthority.AcmeChallengeType;
import io.dropserver.web.tls.Certificates.AcmeOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.exception.AcmeNetworkException;
import org.shredzone.acme4j.exception.AcmeRateLimitedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Orders a certificate for every host that needs one, or by DNS-01 one for the domain and all its
 * hosts, and renews it after two thirds of its lifetime. Failed orders are reported and retried
 * with exponential backoff. Thread-safe; a single virtual thread orders one certificate at a time.
 */
final class AcmeOrders implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AcmeOrders.class);

  /**
   * The maximum interval between two checks. It bounds the delay after the clock is changed or the
   * machine is suspended.
   */
  private static final Duration MAX_SLEEP = Duration.ofHours(1);

  private static final Duration UNREACHABLE_DELAY = Duration.ofMinutes(5);
  private static final Duration DNS_DELAY = Duration.ofMinutes(5);
  private static final Duration DEFAULT_RATE_LIMIT_DELAY = Duration.ofHours(1);
  private static final Duration UNSTORED_DELAY = Duration.ofHours(1);

  private final IssuedCertificates certificates;
  private final AcmeChallenges challenges = new AcmeChallenges();

  private final boolean byDns;

  /** Confined to the ordering thread. */
  private final RecordRemovals removals;

  private final AcmeAuthority authority;
  private final AcmeRetries retries;
  private final InstantSource clock;
  private final OrderRequests requests = new OrderRequests();
  private final HostAddresses addresses;
  private final WakeableLoop loop;
  private volatile WantedCertificates wanted = new WantedCertificates(List.of(), Set.of(), "");

  /** Confined to the ordering thread. */
  private final OrderFailures failures;

  /**
   * The time before which no host of the domain gets its first certificate. Confined to the
   * ordering thread.
   */
  private Instant noNewHostBefore = Instant.MIN;

  /** The time before which no order is sent. Confined to the ordering thread. */
  private Instant noOrdersBefore = Instant.MIN;

  /**
   * The time of the next order after a failure of which the authority knows nothing. Confined to
   * the ordering thread.
   */
  private Instant noDnsOrderBefore = Instant.MIN;

  /** The next attempt after a file could not be written. Confined to the ordering thread. */
  private final Map<String, Instant> unstored = new HashMap<>();

  AcmeOrders(AcmeOptions options, CertificateReports reports, InstantSource clock) {
    Acme acme = options.acme();
    Path folder = options.folder();
    this.certificates = new IssuedCertificates(folder);
    Optional<ChallengeRecords> records =
        acme.dns01().map(settings -> new ChallengeRecords(settings, folder));
    this.byDns = records.isPresent();
    this.removals = new RecordRemovals(records, DNS_DELAY, clock);
    this.authority = new AcmeAuthority(acme, certificates, challenges, records);
    this.retries = new AcmeRetries(folder);
    this.failures = new OrderFailures(reports, certificates);
    this.clock = clock;
    this.addresses =
        new HostAddresses(options.resolver(), options.lookUpInterval(), this::addressesChanged);
    this.loop = new WakeableLoop("certificate-orders").start(this::run);
  }

  AcmeChallenges challenges() {
    return challenges;
  }

  /** Returns the certificate for a host, of several the one that is valid for the longest time. */
  Optional<KeyedCertificate> of(String host) {
    return certificates.covering(host);
  }

  /** Returns the certificates that the declared hosts use. */
  Stream<KeyedCertificate> inService() {
    return wanted.orders().stream().flatMap(order -> certificates.of(order.name()).stream());
  }

  /**
   * Replaces the set of hosts that need a certificate. Returns immediately.
   *
   * @param declared all hosts of the instance
   * @param domain the instance's domain, whose hosts share a certificate by DNS-01
   */
  void setHosts(Set<String> hosts, Set<String> declared, String domain) {
    this.wanted =
        new WantedCertificates(
            CertificateOrder.of(hosts, domain, byDns), Set.copyOf(declared), domain);
    loop.wake();
  }

  /**
   * Requests an order now, without waiting for the delay after a failure.
   *
   * @return completes after the order with the failure, or empty; absent if no order contains the
   *     host
   */
  Optional<CompletableFuture<Optional<String>>> retry(String host) {
    Optional<CompletableFuture<Optional<String>>> requested =
        wanted.orders().stream()
            .filter(order -> order.covers(host))
            .findFirst()
            .map(order -> requests.add(order.name()));
    loop.wake();
    return requested;
  }

  private void addressesChanged(String host) {
    requests.addressesChanged(host);
    loop.wake();
  }

  private Duration run() throws InterruptedException {
    Map<String, CompletableFuture<Optional<String>>> byOperator = requests.takeByOperator();
    try {
      endDelays(byOperator.keySet());
      Duration delay = orderDue(wanted);
      byOperator.forEach((name, done) -> done.complete(failures.find(name)));
      return delay;
    } catch (RuntimeException | IOException e) {
      LOG.warn("certificates could not be checked; retrying in a minute", e);
      byOperator.values().forEach(done -> done.complete(Optional.of(e.toString())));
      return Duration.ofMinutes(1);
    }
  }

  /** Ends the delays of requested orders. An operator also overrides those of all orders. */
  private void endDelays(Set<String> byOperator) throws IOException {
    Set<String> requested = requests.takeChangedHosts(clock.instant());
    if (!byOperator.isEmpty()) {
      requested.addAll(byOperator);
      noOrdersBefore = Instant.MIN;
      noDnsOrderBefore = Instant.MIN;
    }
    for (String name : requested) {
      retries.reset(name);
      unstored.remove(name);
    }
  }

  /** Orders the certificates that are due, and returns the time until the next check. */
  private Duration orderDue(WantedCertificates wanted) throws InterruptedException, IOException {
    removals.run(); // those of an earlier process
    Set<String> names = wanted.names();
    failures.retain(names);
    unstored.keySet().retainAll(names);
    requests.retain(names);
    noNewHostBefore = wanted.noNewHostBefore(certificates.all(), clock.instant());
    for (CertificateOrder order : wanted.orders()) {
      if (!dueAt(order).isAfter(clock.instant())) {
        orderAndStore(order);
        if (order.isByDns()) {
          removals.runNow();
        }
      }
    }
    Instant now = clock.instant();
    failures.report(
        wanted.orders(),
        order -> noNewHostBefore.isAfter(now) && isNewInDomain(order),
        noNewHostBefore);
    if (!wanted.declared().isEmpty()) { // known
      certificates.deleteExpired(names, now);
      retries.deletePast(names, now);
    }
    addresses.watch(
        wanted.orders().stream()
            .filter(order -> !order.isByDns())
            .map(CertificateOrder::name)
            .filter(name -> retries.notBefore(name).isAfter(now))
            .collect(Collectors.toSet()));
    Duration sleep = MAX_SLEEP;
    for (CertificateOrder order : wanted.orders()) {
      Duration until = Duration.between(now, dueAt(order));
      sleep = until.compareTo(sleep) < 0 ? until : sleep;
    }
    return sleep;
  }

  /** Orders a certificate. A file that cannot be written concerns no other order. */
  private void orderAndStore(CertificateOrder order) throws InterruptedException {
    try {
      if (!order.isByDns()) {
        addresses.record(order.name());
      }
      order(order);
      unstored.remove(order.name());
    } catch (IOException e) {
      // The authority may have issued the certificate, and counts it.
      Instant next = clock.instant().plus(UNSTORED_DELAY);
      unstored.put(order.name(), next);
      failures.put(order, "the certificate cannot be stored (" + e + "); check the disk", next);
    }
  }

  private Instant dueAt(CertificateOrder order) {
    Instant due =
        certificates.of(order.name()).map(KeyedCertificate::renewal).orElse(Instant.EPOCH);
    return Stream.of(
            retries.notBefore(order.name()),
            noOrdersBefore,
            unstored.getOrDefault(order.name(), Instant.MIN),
            isNewInDomain(order) ? noNewHostBefore : Instant.MIN,
            order.isByDns() ? noDnsOrderBefore : Instant.MIN)
        .map(end -> AcmeRetries.ofThisDate(end, clock.instant()))
        .reduce(due, (one, other) -> one.isAfter(other) ? one : other);
  }

  private boolean isNewInDomain(CertificateOrder order) {
    return !order.foreign() && !order.isByDns() && certificates.of(order.name()).isEmpty();
  }

  private void order(CertificateOrder order) throws InterruptedException, IOException {
    String names = order.displayName();
    StringBuilder why = new StringBuilder();
    for (AcmeChallengeType acmeChallengeType : order.challengeTypes()) {
      try {
        KeyedCertificate ordered = authority.order(order.domains(), acmeChallengeType);
        certificates.put(order.name(), ordered);
        retries.reset(order.name());
        failures.remove(order.name());
        LOG.info("a certificate for {} is in service, valid until {}", names, ordered.notAfter());
        return;
      } catch (AcmeRateLimitedException e) {
        Optional<Instant> after =
            e.getRetryAfter().map(at -> AcmeRetries.bounded(at, clock.instant()));
        if (!order.foreign()) {
          noOrdersBefore = after.orElse(clock.instant().plus(DEFAULT_RATE_LIMIT_DELAY));
        } // Strangers can use up the limit of another domain, which concerns only its hosts.
        fail(order, "the authority's rate limit is reached: " + e.getMessage(), after);
        return;
      } catch (AcmeNetworkException e) {
        // The authority did not process the order, so it does not count as a failure of the host.
        noOrdersBefore = clock.instant().plus(UNREACHABLE_DELAY);
        failures.put(order, "the authority cannot be reached", noOrdersBefore);
        LOG.debug("the authority cannot be reached", e);
        return;
      } catch (DnsException e) {
        // The authority was not asked to validate, so it counts no failure.
        noDnsOrderBefore = clock.instant().plus(DNS_DELAY);
        failures.put(order, String.valueOf(e.getMessage()), noDnsOrderBefore);
        return;
      } catch (AcmeException | TlsException e) {
        why.append(why.isEmpty() ? "" : "; ").append(e.getMessage());
        LOG.debug("no certificate for {} by {}", names, acmeChallengeType, e);
      }
    }
    if (order.isByDns()) {
      why.append(
          "; make sure that the name servers that the internet uses for the domain are those of"
              + " acme.dns01");
    }
    fail(order, why.toString(), Optional.empty());
  }

  private void fail(CertificateOrder order, String why, Optional<Instant> retryAfter)
      throws IOException {
    failures.put(order, why, retries.failed(order.name(), clock.instant(), retryAfter));
  }

  @Override
  public void close() {
    loop.close();
    addresses.close();
  }
}
