package io.dropserver.sandbox.egress;

/** A URL that is not one, or that two readers could take for two different destinations. */
public class DestinationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DestinationException(String message) {
    super(message);
  }
}
