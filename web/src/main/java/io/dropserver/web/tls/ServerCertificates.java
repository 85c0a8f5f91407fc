package io.dropserver.web.tls;

import java.util.List;

/** What a listener may show to its clients at this moment. Implementations are thread-safe. */
interface ServerCertificates {

  /**
   * Those to choose from, the best first; empty where nothing fits.
   *
   * @param host that the client names, lower case; empty when it names none
   */
  List<KeyedCertificate> candidates(String host);
}
