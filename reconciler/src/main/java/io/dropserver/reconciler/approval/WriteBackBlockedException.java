package io.dropserver.reconciler.approval;

/** Thrown when a request cannot be written to Git until time passes or an operator acts. */
final class WriteBackBlockedException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final boolean everyRequest;

  /**
   * @param everyRequest whether the problem blocks all requests or only this one
   */
  WriteBackBlockedException(String message, boolean everyRequest) {
    super(message, null, false, false);
    this.everyRequest = everyRequest;
  }

  boolean everyRequest() {
    return everyRequest;
  }
}
