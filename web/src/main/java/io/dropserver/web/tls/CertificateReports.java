package io.dropserver.web.tls;

/**
 * Receives certificate problems that need a person's attention. Implementations are thread-safe.
 */
public interface CertificateReports {

  /** The kinds of problems. */
  enum CertificateProblem {
    /**
     * Certificate files of the host's configuration cannot be used; the previous content stays in
     * use.
     */
    FILES_INVALID,
    /** A certificate in use expires soon or has expired, and is not renewed. */
    EXPIRING,
    /** The authority does not issue a certificate for a host. */
    NOT_ISSUED
  }

  /**
   * @param message names all affected files or hosts, and the remedy
   */
  void raise(CertificateProblem certificateProblem, String message);

  void clear(CertificateProblem certificateProblem);
}
