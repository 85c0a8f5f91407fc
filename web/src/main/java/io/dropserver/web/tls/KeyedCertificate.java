package io.dropserver.web.tls;

import io.dropserver.base.text.Sha256;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A server certificate with its chain and its private key. Immutable.
 *
 * @param id the SHA-256 of the certificate, hexadecimal
 * @param names the DNS names of the certificate in lower case; the first label may be {@code *}
 * @param chain the server certificate, followed by its issuers
 */
record KeyedCertificate(String id, Set<String> names, List<X509Certificate> chain, PrivateKey key) {
  private static final int DNS_NAME = 2; // RFC 5280, section 4.2.1.6

  /**
   * @throws TlsException when the key does not belong to the certificate
   */
  static KeyedCertificate of(List<X509Certificate> chain, PrivateKey key) {
    X509Certificate own = chain.getFirst();
    try {
      if (!isPair(own.getPublicKey(), key)) {
        throw new TlsException("the private key does not belong to the certificate");
      }
      String id = HexFormat.of().formatHex(Sha256.newDigest().digest(own.getEncoded()));
      return new KeyedCertificate(id, names(own), List.copyOf(chain), key);
    } catch (GeneralSecurityException e) {
      throw new TlsException("the certificate cannot be used: " + e.getMessage(), e);
    }
  }

  /** Returns the time at which two thirds of the lifetime have passed. */
  Instant renewal() {
    Duration life = Duration.between(notBefore(), notAfter());
    return notBefore().plus(life.multipliedBy(2).dividedBy(3));
  }

  private static boolean isPair(PublicKey certified, PrivateKey key)
      throws GeneralSecurityException {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          case "EdDSA" -> "EdDSA";
          default ->
              throw new TlsException(
                  "keys of " + key.getAlgorithm() + " are not supported; use RSA or EC");
        };
    if (!certified.getAlgorithm().equals(key.getAlgorithm())) {
      return false;
    }
    byte[] probe = "a pair?".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    Signature signing = Signature.getInstance(algorithm);
    signing.initSign(key);
    signing.update(probe);
    byte[] signed = signing.sign();
    Signature verifying = Signature.getInstance(algorithm);
    verifying.initVerify(certified);
    verifying.update(probe);
    return verifying.verify(signed);
  }

  private static Set<String> names(X509Certificate certificate) throws CertificateParsingException {
    Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
    Set<String> names = new HashSet<>();
    if (alternatives != null) {
      for (List<?> alternative : alternatives) {
        if (alternative.get(0).equals(DNS_NAME) && alternative.get(1) instanceof String name) {
          names.add(name.toLowerCase(Locale.ROOT));
        }
      }
    }
    return Set.copyOf(names);
  }

  /**
   * Returns whether the certificate contains the host name or a matching wildcard (RFC 9525,
   * section 6.3).
   */
  boolean covers(String host) {
    int dot = host.indexOf('.');
    return names.contains(host) || (dot > 0 && names.contains("*" + host.substring(dot)));
  }

  String algorithm() {
    return key.getAlgorithm();
  }

  Instant notBefore() {
    return chain.getFirst().getNotBefore().toInstant();
  }

  Instant notAfter() {
    return chain.getFirst().getNotAfter().toInstant();
  }

  /** Omits the key and the chain, because the text may be logged. */
  @Override
  public String toString() {
    return "certificate for " + names;
  }
}
