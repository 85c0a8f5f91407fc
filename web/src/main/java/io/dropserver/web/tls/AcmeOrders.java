package io.dropserver.web.tls;

import io.dropserver.schema.concurrent.WakeableLoop;
import io.dropserver.schema.host.HostConfig.Acme;
import io.dropserver.web.tls.AcmeAuthority.AcmeChallengeType;
import io.dropserver.web.tls.CertificateReports.CertificateProblem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.exception.AcmeNetworkException;
import org.shredzone.acme4j.exception.AcmeRateLimitedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Orders a certificate for every host that needs one, and renews it after two thirds of its
 * lifetime. Failed orders are reported and retried with exponential backoff. Thread-safe; a single
 * virtual thread orders one certificate at a time.
 */
final class AcmeOrders implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AcmeOrders.class);

  /**
   * The maximum interval between two checks. It bounds the delay after the clock is changed or the
   * machine is suspended.
   */
  private static final Duration MAX_SLEEP = Duration.ofHours(1);

  private static final Duration UNREACHABLE_DELAY = Duration.ofMinutes(5);
  private static final Duration DEFAULT_RATE_LIMIT_DELAY = Duration.ofHours(1);

  private final IssuedCertificates certificates;
  private final AcmeChallenges challenges = new AcmeChallenges();
  private final AcmeAuthority authority;
  private final AcmeRetries retries;
  private final CertificateReports reports;
  private final InstantSource clock;
  private final WakeableLoop loop;
  private volatile Set<String> hosts = Set.of();

  /** The latest failure by host. Confined to the ordering thread. */
  private final Map<String, String> failures = new TreeMap<>();

  /** The time before which no order is sent. Confined to the ordering thread. */
  private Instant noOrdersBefore = Instant.MIN;

  /**
   * @param folder the folder of the account's key, the certificates and the retry times
   */
  AcmeOrders(Acme acme, Path folder, CertificateReports reports, InstantSource clock) {
    this.certificates = new IssuedCertificates(folder);
    this.authority = new AcmeAuthority(acme, certificates, challenges);
    this.retries = new AcmeRetries(folder);
    this.reports = reports;
    this.clock = clock;
    this.loop = new WakeableLoop("certificate-orders").start(this::run);
  }

  AcmeChallenges challenges() {
    return challenges;
  }

  Optional<KeyedCertificate> of(String host) {
    return certificates.of(host);
  }

  /** Replaces the set of hosts that need a certificate. Returns immediately. */
  void setHosts(Set<String> hosts) {
    this.hosts = Set.copyOf(hosts);
    loop.wake();
  }

  private Duration run() throws InterruptedException {
    try {
      return orderDue(hosts);
    } catch (RuntimeException | IOException e) {
      LOG.warn("certificates could not be checked; retrying in a minute", e);
      return Duration.ofMinutes(1);
    }
  }

  /** Orders the certificates that are due, and returns the time until the next check. */
  private Duration orderDue(Set<String> hosts) throws InterruptedException, IOException {
    failures.keySet().retainAll(hosts);
    for (String host : new TreeSet<>(hosts)) {
      if (!dueAt(host).isAfter(clock.instant())) {
        order(host);
      }
    }
    report();
    Instant now = clock.instant();
    certificates.deleteExpired(hosts, now);
    Duration sleep = MAX_SLEEP;
    for (String host : hosts) {
      Duration until = Duration.between(now, dueAt(host));
      sleep = until.compareTo(sleep) < 0 ? until : sleep;
    }
    return sleep;
  }

  private Instant dueAt(String host) {
    Instant due = certificates.of(host).map(AcmeOrders::renewal).orElse(Instant.EPOCH);
    return Collections.max(List.of(due, retries.notBefore(host), noOrdersBefore));
  }

  /** Returns the time at which two thirds of the lifetime have passed. */
  static Instant renewal(KeyedCertificate certificate) {
    Duration life = Duration.between(certificate.notBefore(), certificate.notAfter());
    return certificate.notBefore().plus(life.multipliedBy(2).dividedBy(3));
  }

  private void order(String host) throws InterruptedException, IOException {
    StringBuilder why = new StringBuilder();
    for (AcmeChallengeType acmeChallengeType : AcmeChallengeType.values()) {
      try {
        KeyedCertificate ordered = authority.order(host, acmeChallengeType);
        certificates.put(host, ordered);
        retries.succeeded(host);
        failures.remove(host);
        LOG.info("a certificate for {} is in service, valid until {}", host, ordered.notAfter());
        return;
      } catch (AcmeRateLimitedException e) {
        noOrdersBefore = e.getRetryAfter().orElse(clock.instant().plus(DEFAULT_RATE_LIMIT_DELAY));
        fail(host, "the authority's rate limit is reached: " + e.getMessage(), e.getRetryAfter());
        return;
      } catch (AcmeNetworkException e) {
        // The authority did not process the order, so it does not count as a failure of the host.
        noOrdersBefore = clock.instant().plus(UNREACHABLE_DELAY);
        failures.put(
            host,
            host + ": the authority cannot be reached (next attempt at " + noOrdersBefore + ")");
        LOG.warn("the authority cannot be reached; next attempt at {}", noOrdersBefore, e);
        return;
      } catch (AcmeException | TlsException e) {
        why.append(why.isEmpty() ? "" : "; ").append(e.getMessage());
        LOG.debug("no certificate for {} by {}", host, acmeChallengeType, e);
      }
    }
    fail(host, why.toString(), Optional.empty());
  }

  private void fail(String host, String why, Optional<Instant> retryAfter) throws IOException {
    Instant next = retries.failed(host, clock.instant(), retryAfter);
    failures.put(host, host + ": " + why + " (next attempt at " + next + ")");
    LOG.warn("no certificate for {}; next attempt at {}: {}", host, next, why);
  }

  private void report() {
    List<String> ends =
        failures.keySet().stream()
            .flatMap(
                host -> certificates.of(host).stream().map(c -> host + " until " + c.notAfter()))
            .toList();
    reports.report(
        CertificateProblem.NOT_ISSUED,
        List.copyOf(failures.values()),
        (ends.isEmpty()
                ? ""
                : "; the old certificate remains in use for " + String.join(", ", ends))
            + "; make sure that the name resolves to this machine and that port 443 or 80 reaches a"
            + " listener");
  }

  @Override
  public void close() {
    loop.close();
  }
}
