package io.dropserver.web.tls;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The certificates that the hosts of an instance need. An authority counts all certificates of a
 * domain, so hosts that change with every commit could use up its limit. New hosts of the domain
 * therefore wait after {@link #MAX_ABANDONED} certificates within {@link #PERIOD} were for hosts
 * that left the instance. Immutable.
 *
 * @param declared all hosts of the instance, including those that need no certificate of their own
 * @param domain of the instance
 */
record WantedCertificates(List<CertificateOrder> orders, Set<String> declared, String domain) {
  /** Let's Encrypt issues as many certificates for a domain within a week. */
  static final int MAX_ABANDONED = 50;

  static final Duration PERIOD = Duration.ofDays(7);

  /** Returns the names of the orders. */
  Set<String> names() {
    return orders.stream().map(CertificateOrder::name).collect(Collectors.toSet());
  }

  /**
   * Returns the time before which no host of the domain may get its first certificate; {@link
   * Instant#MIN} if too few certificates were abandoned.
   *
   * @param issued by the names of their orders
   */
  Instant noNewHostBefore(Map<String, KeyedCertificate> issued, Instant now) {
    List<Instant> abandoned =
        issued.entrySet().stream()
            .filter(each -> !declared.contains(each.getKey()) && isOfDomain(each.getKey()))
            .map(each -> each.getValue().notBefore())
            .filter(at -> at.isAfter(now.minus(PERIOD)) && !at.isAfter(now))
            .sorted()
            .toList();
    return abandoned.size() < MAX_ABANDONED
        ? Instant.MIN
        : abandoned.get(abandoned.size() - MAX_ABANDONED).plus(PERIOD);
  }

  private boolean isOfDomain(String name) {
    return (name.equals(domain) || name.endsWith("." + domain))
        && !name.equals(CertificateOrder.wildcardName(domain));
  }

  /** Returns the message for a host that waits. */
  static String waits(Instant until) {
    return "waits until %s, because %d certificates of the last %d days belong to hosts that left the instance, and authorities limit the certificates of a domain; with acme.dns01 all hosts share one"
        .formatted(until, MAX_ABANDONED, PERIOD.toDays());
  }
}
