package io.dropserver.web.tls;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Pending ACME challenges: RFC 8555, section 8.3 (HTTP-01), and RFC 8737 (TLS-ALPN-01).
 * Thread-safe.
 */
final class AcmeChallenges implements ServerCertificates {
  /** The path prefix of HTTP-01 challenges. */
  static final String PATH = "/.well-known/acme-challenge/";

  private final Map<String, Answer> byToken = new ConcurrentHashMap<>();
  private final Map<String, KeyedCertificate> byHost = new ConcurrentHashMap<>();

  private record Answer(String host, String content) {}

  /** Serves a response until {@link #end}. */
  void begin(String host, String token, String content) {
    byToken.put(token, new Answer(host, content));
  }

  /** Serves a certificate until {@link #end}. */
  void begin(String host, KeyedCertificate certificate) {
    byHost.put(host, certificate);
  }

  void end(String host) {
    byToken.values().removeIf(answer -> answer.host().equals(host));
    byHost.remove(host);
  }

  /**
   * @param host that the authority connects to
   * @param path begins with {@link #PATH}
   */
  Optional<String> answer(String host, String path) {
    Answer answer = byToken.get(path.substring(PATH.length()));
    return answer != null && answer.host().equals(host)
        ? Optional.of(answer.content())
        : Optional.empty();
  }

  @Override
  public List<KeyedCertificate> candidates(String host) {
    KeyedCertificate certificate = byHost.get(host);
    return certificate == null ? List.of() : List.of(certificate);
  }
}
