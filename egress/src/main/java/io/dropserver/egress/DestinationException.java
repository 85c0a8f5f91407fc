package io.dropserver.egress;

/**
 * Thrown for a URL that is invalid, or that two parsers could interpret as two different
 * destinations.
 */
public class DestinationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DestinationException(String message) {
    super(message);
  }
}
