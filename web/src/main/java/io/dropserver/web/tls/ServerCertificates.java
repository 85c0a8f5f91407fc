package io.dropserver.web.tls;

import java.util.List;

/** The certificates that a listener can currently present. Implementations are thread-safe. */
interface ServerCertificates {

  /**
   * Returns the certificates to choose from, best first; empty when none fits.
   *
   * @param host the name that the client sent, lower case; empty without one
   */
  List<KeyedCertificate> candidates(String host);
}
