package io.dropserver.web.tls;

import java.util.List;

/** Supplies the certificates that a listener can present. Implementations are thread-safe. */
interface ServerCertificates {

  /**
   * Returns the suitable certificates, best first; empty without a suitable one.
   *
   * @param host the host name that the client sent, in lower case; empty without one
   */
  List<KeyedCertificate> candidates(String host);
}
