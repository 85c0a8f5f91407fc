package io.dropserver.web.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Selects the certificate of each handshake by the server name that the client sends (SNI). A
 * replaced certificate is used from the next handshake on; open connections continue. Thread-safe.
 */
final class SniKeyManager extends X509ExtendedKeyManager {
  /** The ALPN protocol of TLS-ALPN-01 challenges (RFC 8737, section 3). */
  static final String ACME_PROTOCOL = "acme-tls/1";

  private static final int MAX_CHOSEN = 4096;

  private final ServerCertificates certificates;
  private final ServerCertificates challenges;

  /**
   * Recently chosen certificates by alias. JSSE requests the chain and the key by the alias after
   * the choice; by then, the certificate may have been replaced.
   */
  private final Map<String, KeyedCertificate> chosen =
      Collections.synchronizedMap(
          new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, KeyedCertificate> eldest) {
              return size() > MAX_CHOSEN;
            }
          });

  /**
   * @param challenges certificates for clients that negotiate {@link #ACME_PROTOCOL}
   */
  SniKeyManager(ServerCertificates certificates, ServerCertificates challenges) {
    this.certificates = certificates;
    this.challenges = challenges;
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    ServerCertificates from =
        ACME_PROTOCOL.equals(engine.getHandshakeApplicationProtocol()) ? challenges : certificates;
    Optional<KeyedCertificate> found =
        from.candidates(host(engine)).stream()
            .filter(certificate -> certificate.algorithm().equals(keyType))
            .findFirst();
    if (found.isEmpty()) {
      return null;
    }
    chosen.put(found.get().id(), found.get());
    return found.get().id();
  }

  private static String host(SSLEngine engine) {
    if (engine.getHandshakeSession() instanceof ExtendedSSLSession session) {
      for (SNIServerName name : session.getRequestedServerNames()) {
        if (name instanceof SNIHostName host) {
          return host.getAsciiName().toLowerCase(Locale.ROOT);
        }
      }
    }
    return "";
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    KeyedCertificate found = chosen.get(alias);
    return found == null ? null : found.chain().toArray(new X509Certificate[0]);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    KeyedCertificate found = chosen.get(alias);
    return found == null ? null : found.key();
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, Socket socket) {
    return null; // Jetty only uses engines
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    synchronized (chosen) {
      return chosen.keySet().toArray(new String[0]);
    }
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyType, Principal @Nullable [] issuers, Socket socket) {
    return null;
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }
}
