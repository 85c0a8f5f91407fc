package io.dropserver.web.tls;

/** A certificate or key cannot be used. The message names it and states the remedy. */
public final class TlsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TlsException(String message) {
    super(message);
  }

  TlsException(String message, Throwable cause) {
    super(message, cause);
  }
}
