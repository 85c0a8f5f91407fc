package io.dropserver.web.tls;

import io.dropserver.schema.concurrent.WakeableLoop;
import io.dropserver.schema.host.HostConfig.Acme;
import io.dropserver.web.dns.ChallengeRecords;
import io.dropserver.web.dns.DnsException;
import io.dropserver.web.tls.AcmeAuthority.AcmeChallengeType;
import io.dropserver.web.tls.CertificateReports.CertificateProblem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
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

  /** Confined to the ordering thread. */
  private final Optional<ChallengeRecords> records;

  private final AcmeAuthority authority;
  private final AcmeRetries retries;
  private final CertificateReports reports;
  private final InstantSource clock;
  private final WakeableLoop loop;
  private volatile WantedCertificates wanted = new WantedCertificates(List.of(), Set.of(), "");

  /** The latest failure by the name of the order. Confined to the ordering thread. */
  private final Map<String, String> failures = new TreeMap<>();

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

  /**
   * The earliest time at which the removal of records is tried again. Confined to the ordering
   * thread.
   */
  private Instant noRemovalBefore = Instant.MIN;

  /** The next attempt after a file could not be written. Confined to the ordering thread. */
  private final Map<String, Instant> unstored = new HashMap<>();

  /**
   * @param folder the folder of the account's key, the certificates and the retry times
   */
  AcmeOrders(Acme acme, Path folder, CertificateReports reports, InstantSource clock) {
    this.certificates = new IssuedCertificates(folder);
    this.records = acme.dns01().map(settings -> new ChallengeRecords(settings, folder));
    this.authority = new AcmeAuthority(acme, certificates, challenges, records);
    this.retries = new AcmeRetries(folder);
    this.reports = reports;
    this.clock = clock;
    this.loop = new WakeableLoop("certificate-orders").start(this::run);
  }

  AcmeChallenges challenges() {
    return challenges;
  }

  /** Returns the certificate for a host, of several the one that is valid for the longest time. */
  Optional<KeyedCertificate> of(String host) {
    return certificates.covering(host);
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
            CertificateOrder.of(hosts, domain, records.isPresent()), Set.copyOf(declared), domain);
    loop.wake();
  }

  private Duration run() throws InterruptedException {
    try {
      return orderDue(wanted);
    } catch (RuntimeException | IOException e) {
      LOG.warn("certificates could not be checked; retrying in a minute", e);
      return Duration.ofMinutes(1);
    }
  }

  /** Orders the certificates that are due, and returns the time until the next check. */
  private Duration orderDue(WantedCertificates wanted) throws InterruptedException, IOException {
    removeRecords(); // those of an earlier process
    Set<String> names = wanted.names();
    failures.keySet().retainAll(names);
    unstored.keySet().retainAll(names);
    noNewHostBefore = wanted.noNewHostBefore(certificates.all(), clock.instant());
    for (CertificateOrder order : wanted.orders()) {
      if (!dueAt(order).isAfter(clock.instant())) {
        orderAndStore(order);
        if (order.isByDns()) {
          noRemovalBefore = Instant.MIN;
          removeRecords();
        }
      }
    }
    Instant now = clock.instant();
    report(wanted.orders(), now);
    if (!wanted.declared().isEmpty()) { // known
      certificates.deleteExpired(names, now);
      retries.deletePast(names, now);
    }
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
      order(order);
      unstored.remove(order.name());
    } catch (IOException e) {
      // The authority may have issued the certificate, and counts it.
      Instant next = clock.instant().plus(UNSTORED_DELAY);
      unstored.put(order.name(), next);
      failed(order, "the certificate cannot be stored (" + e + "); check the disk", next);
    }
  }

  private Instant dueAt(CertificateOrder order) {
    Instant due = certificates.of(order.name()).map(AcmeOrders::renewal).orElse(Instant.EPOCH);
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

  /** Removes the TXT records of earlier orders. What cannot be removed is tried again later. */
  private void removeRecords() throws InterruptedException, IOException {
    Instant now = clock.instant();
    if (records.isEmpty() || now.isBefore(AcmeRetries.ofThisDate(noRemovalBefore, now))) {
      return;
    }
    Optional<String> failure = records.get().removeAll();
    if (failure.isPresent()) {
      // A program that hangs must not delay the orders of hosts that need no record.
      noRemovalBefore = clock.instant().plus(DNS_DELAY);
      LOG.warn("{}; it is tried again later", failure.get());
    }
  }

  /** Returns the time at which two thirds of the lifetime have passed. */
  static Instant renewal(KeyedCertificate certificate) {
    Duration life = Duration.between(certificate.notBefore(), certificate.notAfter());
    return certificate.notBefore().plus(life.multipliedBy(2).dividedBy(3));
  }

  private void order(CertificateOrder order) throws InterruptedException, IOException {
    String names = order.displayName();
    StringBuilder why = new StringBuilder();
    for (AcmeChallengeType acmeChallengeType : order.challengeTypes()) {
      try {
        KeyedCertificate ordered = authority.order(order.domains(), acmeChallengeType);
        certificates.put(order.name(), ordered);
        retries.succeeded(order.name());
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
        failed(order, "the authority cannot be reached", noOrdersBefore);
        LOG.debug("the authority cannot be reached", e);
        return;
      } catch (DnsException e) {
        // The authority was not asked to validate, so it counts no failure.
        noDnsOrderBefore = clock.instant().plus(DNS_DELAY);
        failed(order, String.valueOf(e.getMessage()), noDnsOrderBefore);
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
    failed(order, why, retries.failed(order.name(), clock.instant(), retryAfter));
  }

  private void failed(CertificateOrder order, String why, Instant next) {
    String text = order.displayName() + ": " + why + " (next attempt at " + next + ")";
    failures.put(order.name(), text);
    LOG.warn("no certificate for {}; next attempt at {}: {}", order.displayName(), next, why);
  }

  private void report(List<CertificateOrder> orders, Instant now) {
    List<String> messages = new ArrayList<>(failures.values());
    if (noNewHostBefore.isAfter(now)) {
      orders.stream()
          .filter(this::isNewInDomain)
          .map(order -> order.displayName() + ": " + WantedCertificates.waits(noNewHostBefore))
          .forEach(messages::add);
    }
    List<String> ends =
        failures.keySet().stream()
            .flatMap(
                name ->
                    certificates.of(name).stream()
                        .map(c -> String.join(", ", c.names()) + " until " + c.notAfter()))
            .toList();
    boolean hostFailed =
        orders.stream().anyMatch(order -> !order.isByDns() && failures.containsKey(order.name()));
    reports.report(
        CertificateProblem.NOT_ISSUED,
        messages,
        (ends.isEmpty()
                ? ""
                : "; the old certificate remains in use for " + String.join(", ", ends))
            + (hostFailed
                ? "; make sure that the name resolves to this machine and that port 443 or 80"
                    + " reaches a listener"
                : ""));
  }

  @Override
  public void close() {
    loop.close();
  }
}
