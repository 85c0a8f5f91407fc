package io.dropserver.web.tls;

import io.dropserver.web.tls.CertificateReports.CertificateProblem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The latest failure of each order, and the report about them. Confined to the ordering thread. */
final class OrderFailures {
  private static final Logger LOG = LoggerFactory.getLogger(OrderFailures.class);

  private final CertificateReports reports;
  private final IssuedCertificates certificates;
  private final Map<String, String> byName = new TreeMap<>();

  OrderFailures(CertificateReports reports, IssuedCertificates certificates) {
    this.reports = reports;
    this.certificates = certificates;
  }

  void put(CertificateOrder order, String why, Instant next) {
    String text = order.displayName() + ": " + why + " (next attempt at " + next + ")";
    byName.put(order.name(), text);
    LOG.warn("no certificate for {}; next attempt at {}: {}", order.displayName(), next, why);
  }

  Optional<String> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  void remove(String name) {
    byName.remove(name);
  }

  void retain(Set<String> names) {
    byName.keySet().retainAll(names);
  }

  /**
   * Reports all failures, and the orders that wait.
   *
   * @param waits whether an order waits until {@code noNewHostBefore}
   */
  void report(
      List<CertificateOrder> orders, Predicate<CertificateOrder> waits, Instant noNewHostBefore) {
    List<String> messages = new ArrayList<>(byName.values());
    orders.stream()
        .filter(waits)
        .map(order -> order.displayName() + ": " + WantedCertificates.waits(noNewHostBefore))
        .forEach(messages::add);
    List<String> ends =
        byName.keySet().stream()
            .flatMap(
                name ->
                    certificates.of(name).stream()
                        .map(c -> String.join(", ", c.names()) + " until " + c.notAfter()))
            .toList();
    boolean hostFailed =
        orders.stream().anyMatch(order -> !order.isByDns() && byName.containsKey(order.name()));
    reports.report(
        CertificateProblem.NOT_ISSUED,
        messages,
        (ends.isEmpty()
                ? ""
                : "; the old certificate remains in use for " + String.join(", ", ends))
            + (hostFailed
                ? "; make sure that the name resolves to this machine and that port 443 or 80"
                    + " reaches a listener; `dropserver retry certificate/HOST` tries again at once"
                : ""));
  }
}
