package io.dropserver.egress.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The certificate authorities that are trusted for destinations: the platform's, and the
 * operator's. Thread-safe.
 */
public final class TrustedAuthorities {
  static final int TLS_SESSIONS = 256;

  private final List<Certificate> own;
  private @Nullable SSLContext context; // guarded by this

  /** Those of the platform alone. */
  public static TrustedAuthorities platformOnly() {
    return new TrustedAuthorities(List.of());
  }

  private TrustedAuthorities(List<Certificate> own) {
    this.own = own;
  }

  /**
   * @param files in PEM form, each with one or more certificates
   * @throws IllegalArgumentException with the name of a file that cannot be read
   */
  static TrustedAuthorities with(List<Path> files) {
    return with("egress.trust", files);
  }

  /**
   * @param setting the key of the host configuration that names the files
   * @param files in PEM form, each with one or more certificates
   * @throws IllegalArgumentException with the name of a file that cannot be read
   */
  public static TrustedAuthorities with(String setting, List<Path> files) {
    List<Certificate> own = new ArrayList<>();
    files.forEach(file -> read(setting, file).forEach(own::add));
    return new TrustedAuthorities(List.copyOf(own));
  }

  SSLSocketFactory socketFactory() {
    return context().getSocketFactory();
  }

  /** Returns the session cache for resumption. */
  SSLSessionContext sessions() {
    return context().getClientSessionContext();
  }

  /**
   * Returns the TLS context. It is created on first use, because reading the platform's authorities
   * would slow down each start.
   */
  public synchronized SSLContext context() {
    SSLContext known = context;
    if (known == null) {
      known = make();
      context = known;
    }
    return known;
  }

  /** Returns new trust managers that accept the platform's and the operator's authorities. */
  public TrustManager[] trustManagers() {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int number = 0;
      for (Certificate certificate : platform()) {
        store.setCertificateEntry("c" + number++, certificate);
      }
      for (Certificate certificate : own) {
        store.setCertificateEntry("c" + number++, certificate);
      }
      return trusting(store);
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("this Java cannot verify TLS", e);
    }
  }

  private SSLContext make() {
    try {
      SSLContext made = SSLContext.getInstance("TLS");
      made.init(null, trustManagers(), null);
      // With the default of 20,480, the names below a single wildcard could fill the heap with
      // certificates.
      made.getClientSessionContext().setSessionCacheSize(TLS_SESSIONS);
      return made;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java cannot verify TLS", e);
    }
  }

  private static Iterable<? extends Certificate> read(String setting, Path file) {
    try (InputStream input = Files.newInputStream(file)) {
      return CertificateFactory.getInstance("X.509").generateCertificates(input);
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalArgumentException(
          setting + ": " + file + " is not a file of PEM certificates: " + e.getMessage(), e);
    }
  }

  private static List<X509Certificate> platform() throws GeneralSecurityException {
    List<X509Certificate> certificates = new ArrayList<>();
    for (TrustManager manager : trusting(null)) {
      if (manager instanceof X509TrustManager trust) {
        certificates.addAll(List.of(trust.getAcceptedIssuers()));
      }
    }
    return certificates;
  }

  private static TrustManager[] trusting(@Nullable KeyStore store) throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }
}
