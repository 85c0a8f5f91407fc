package io.dropserver.reconciler.approval;

/** Reports that a request cannot be written to Git until time passes or a person acts. */
final class WriteBackBlockedException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final boolean everyRequest;

  /**
   * @param everyRequest whether the problem blocks all requests
   */
  WriteBackBlockedException(String message, boolean everyRequest) {
    super(message, null, false, false);
    this.everyRequest = everyRequest;
  }

  boolean everyRequest() {
    return everyRequest;
  }
}
