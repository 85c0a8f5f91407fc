package io.dropserver.web.tls;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stores the responses to pending ACME challenges: HTTP-01 (RFC 8555, section 8.3) and TLS-ALPN-01
 * (RFC 8737). Thread-safe.
 */
final class AcmeChallenges implements ServerCertificates {
  /** The path prefix of HTTP-01 challenges. */
  static final String PATH = "/.well-known/acme-challenge/";

  private final Map<String, Challenge> byToken = new ConcurrentHashMap<>();
  private final Map<String, KeyedCertificate> byHost = new ConcurrentHashMap<>();

  private record Challenge(String host, String content) {}

  /** Serves an HTTP-01 response until {@link #end}. */
  void begin(String host, String token, String content) {
    byToken.put(token, new Challenge(host, content));
  }

  /** Presents a TLS-ALPN-01 certificate until {@link #end}. */
  void begin(String host, KeyedCertificate certificate) {
    byHost.put(host, certificate);
  }

  void end(String host) {
    byToken.values().removeIf(challenge -> challenge.host().equals(host));
    byHost.remove(host);
  }

  /**
   * Returns the response to an HTTP-01 challenge; empty when no such challenge is pending.
   *
   * @param host the host in the authority's request
   * @param path the path of the request, which begins with {@link #PATH}
   */
  Optional<String> answer(String host, String path) {
    return Optional.ofNullable(byToken.get(path.substring(PATH.length())))
        .filter(challenge -> challenge.host().equals(host))
        .map(Challenge::content);
  }

  @Override
  public List<KeyedCertificate> candidates(String host) {
    return Optional.ofNullable(byHost.get(host)).stream().toList();
  }
}
