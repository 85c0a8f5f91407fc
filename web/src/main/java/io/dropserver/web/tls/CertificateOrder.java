package io.dropserver.web.tls;

import io.dropserver.web.tls.AcmeAuthority.AcmeChallengeType;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A certificate to order. Immutable.
 *
 * @param name under which the certificate and its retries are stored; a file name
 * @param domains the names in the certificate
 * @param challengeTypes how control is proved, in the order of the attempts
 * @param foreign whether the host is outside the instance's domain
 */
record CertificateOrder(
    String name, List<String> domains, List<AcmeChallengeType> challengeTypes, boolean foreign) {
  /** Host names contain no underscore, so no host has such a name. */
  private static final String WILDCARD = "_wildcard.";

  /** Returns an order for one host. */
  private static CertificateOrder ofHost(String host, boolean foreign) {
    return new CertificateOrder(
        host, List.of(host), List.of(AcmeChallengeType.TLS_ALPN, AcmeChallengeType.HTTP), foreign);
  }

  /** Returns an order for a domain and its subdomains. */
  static CertificateOrder ofDomain(String domain) {
    return new CertificateOrder(
        wildcardName(domain),
        List.of(domain, "*." + domain),
        List.of(AcmeChallengeType.DNS),
        false);
  }

  /** Returns the name of the order for a domain and its subdomains. */
  static String wildcardName(String domain) {
    return WILDCARD + domain;
  }

  /**
   * Returns the orders for hosts: those of the domain, then those of other domains, in the order of
   * their names.
   *
   * @param dns whether one certificate contains the domain and its subdomains
   */
  static List<CertificateOrder> of(Set<String> hosts, String domain, boolean dns) {
    TreeMap<String, CertificateOrder> own = new TreeMap<>();
    TreeMap<String, CertificateOrder> foreign = new TreeMap<>();
    for (String host : hosts) {
      boolean covered = host.equals(domain) || host.substring(host.indexOf('.') + 1).equals(domain);
      if (covered || host.endsWith("." + domain)) {
        CertificateOrder order = dns && covered ? ofDomain(domain) : ofHost(host, false);
        own.put(order.name(), order);
      } else {
        foreign.put(host, ofHost(host, true));
      }
    }
    return Stream.concat(own.values().stream(), foreign.values().stream()).toList();
  }

  /** Returns whether the certificate is valid for a host. */
  boolean covers(String host) {
    return domains.contains(host)
        || domains.contains("*" + host.substring(Math.max(0, host.indexOf('.'))));
  }

  boolean isByDns() {
    return challengeTypes.contains(AcmeChallengeType.DNS);
  }

  /** Returns the names for messages. */
  String displayName() {
    return String.join(", ", domains);
  }
}
