package io.dropserver.web.tls;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What an authority that is about to issue a certificate comes to see: RFC 8555, section 8.3
 * (HTTP-01), and RFC 8737 (TLS-ALPN-01). Thread-safe.
 */
final class AcmeChallenges implements ServerCertificates {
  /** Begins the path of every HTTP-01 challenge. */
  static final String PATH = "/.well-known/acme-challenge/";

  private final Map<String, Answer> byToken = new ConcurrentHashMap<>();
  private final Map<String, KeyedCertificate> byHost = new ConcurrentHashMap<>();

  private record Answer(String host, String content) {}

  /** Serves an answer until {@link #end}. */
  void begin(String host, String token, String content) {
    byToken.put(token, new Answer(host, content));
  }

  /** Shows a certificate until {@link #end}. */
  void begin(String host, KeyedCertificate certificate) {
    byHost.put(host, certificate);
  }

  void end(String host) {
    byToken.values().removeIf(answer -> answer.host().equals(host));
    byHost.remove(host);
  }

  /**
   * @param host that the authority asks
   * @param path which begins with {@link #PATH}
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
