package io.dropserver.reconciler.source;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;

/** Recognizes servers whose certificate is not trusted. */
public final class UntrustedCertificate {
  /** What to do about it. */
  public static final String REMEDY =
      "name the file with the certificate of its authority in repo.trust, if you trust it";

  private UntrustedCertificate() {}

  /** Returns why a connection failed. */
  static String reason(Throwable failure) {
    return isCauseOf(failure)
        ? "its certificate is not trusted; " + REMEDY
        : String.valueOf(failure.getMessage());
  }

  /** Returns whether this is why a connection failed. */
  public static boolean isCauseOf(Throwable failure) {
    Throwable at = failure;
    for (int depth = 0; at != null && depth < 10; depth++) {
      if (at instanceof CertificateException
          || at instanceof CertPathBuilderException
          || at instanceof CertPathValidatorException) {
        return true;
      }
      at = at.getCause();
    }
    return false;
  }
}
