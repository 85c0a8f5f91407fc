package io.dropserver.web.tls;

import io.dropserver.web.tls.AcmeAuthority.AcmeChallengeType;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/**
 * A certificate to order. Immutable.
 *
 * @param name under which the certificate and its retries are stored; a file name
 * @param domains the names in the certificate
 * @param challengeTypes how control is proved, in the order of the attempts
 */
record CertificateOrder(String name, List<String> domains, List<AcmeChallengeType> challengeTypes) {
  /** Host names contain no underscore, so no host has such a name. */
  private static final String WILDCARD = "_wildcard.";

  /** Returns an order for one host. */
  static CertificateOrder ofHost(String host) {
    return new CertificateOrder(
        host, List.of(host), List.of(AcmeChallengeType.TLS_ALPN, AcmeChallengeType.HTTP));
  }

  /** Returns an order for a domain and its subdomains. */
  static CertificateOrder ofDomain(String domain) {
    return new CertificateOrder(
        wildcardName(domain), List.of(domain, "*." + domain), List.of(AcmeChallengeType.DNS));
  }

  /** Returns the name of the order for a domain and its subdomains. */
  static String wildcardName(String domain) {
    return WILDCARD + domain;
  }

  /**
   * Returns the orders for hosts, in the order of their names.
   *
   * @param dns whether one certificate contains the domain and its subdomains
   */
  static List<CertificateOrder> of(Set<String> hosts, String domain, boolean dns) {
    TreeMap<String, CertificateOrder> orders = new TreeMap<>();
    for (String host : hosts) {
      boolean covered = host.equals(domain) || host.substring(host.indexOf('.') + 1).equals(domain);
      CertificateOrder order = dns && covered ? ofDomain(domain) : ofHost(host);
      orders.put(order.name(), order);
    }
    return List.copyOf(orders.values());
  }

  boolean isByDns() {
    return challengeTypes.contains(AcmeChallengeType.DNS);
  }

  /** Returns the names for messages. */
  String displayName() {
    return String.join(", ", domains);
  }
}
