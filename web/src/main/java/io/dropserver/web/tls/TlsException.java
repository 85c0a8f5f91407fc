package io.dropserver.web.tls;

/**
 * Thrown when a certificate or key cannot be used. The message names the problem and, where there
 * is one, the remedy.
 */
public final class TlsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TlsException(String message) {
    super(message);
  }

  TlsException(String message, Throwable cause) {
    super(message, cause);
  }
}
