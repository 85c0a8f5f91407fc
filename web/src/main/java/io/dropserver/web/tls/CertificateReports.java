package io.dropserver.web.tls;

import java.util.List;

/**
 * Receives certificate problems that require an operator's action. Implementations are thread-safe.
 */
public interface CertificateReports {

  /** The kinds of problems. */
  enum CertificateProblem {
    /**
     * Certificate files of the host configuration are invalid; the previous certificate stays in
     * use.
     */
    FILES_INVALID,
    /** A certificate from a file expires soon or has expired. */
    EXPIRING,
    /** The authority does not issue a certificate for a host. */
    NOT_ISSUED
  }

  /**
   * Reports a problem, or replaces its message.
   *
   * @param message names all affected files or hosts, and the remedy
   */
  void raise(CertificateProblem certificateProblem, String message);

  void clear(CertificateProblem certificateProblem);

  /**
   * Reports a problem with the affected files or hosts, or clears it if none is affected.
   *
   * @param affected the files or hosts, each with its problem
   * @param remedy follows them in the message
   */
  default void report(CertificateProblem certificateProblem, List<String> affected, String remedy) {
    if (affected.isEmpty()) {
      clear(certificateProblem);
    } else {
      raise(certificateProblem, String.join("; ", affected) + remedy);
    }
  }
}
