package io.dropserver.web.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The certificate authorities that verify a server to which this server connects. */
public final class Authorities {
  private Authorities() {}

  /**
   * Returns a context that trusts the authorities of the files, or without files those of the JDK.
   *
   * @param files in PEM form
   * @throws IOException when a file cannot be read or contains no usable certificate
   */
  public static SSLContext context(List<Path> files) throws IOException {
    try {
      if (files.isEmpty()) {
        return SSLContext.getDefault();
      }
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (Path file : files) {
        for (X509Certificate authority : PemFiles.authorities(file)) {
          store.setCertificateEntry("authority-" + store.size(), authority);
        }
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | TlsException e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
