package io.dropserver.web.tls;

/** Where a person is told of certificates that need them. Implementations are thread-safe. */
public interface CertificateReports {

  /** What may be the matter. */
  enum Trouble {
    /** Files that the host's configuration names cannot be used; those read before stay. */
    FILES_INVALID,
    /** A certificate that is in service ends soon, or has ended, and nothing renews it. */
    EXPIRING,
    /** The authority issues no certificate for a host. */
    NOT_ISSUED
  }

  /**
   * @param message names every file or host concerned, and what to do
   */
  void raise(Trouble trouble, String message);

  void clear(Trouble trouble);
}
