package io.dropserver.web.dns;

/**
 * Thrown when a record cannot be added, removed or found. The message names the problem, the
 * setting and the remedy.
 */
public final class DnsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DnsException(String message) {
    super(message);
  }

  DnsException(String message, Throwable cause) {
    super(message, cause);
  }
}
