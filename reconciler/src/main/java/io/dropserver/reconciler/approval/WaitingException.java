package io.dropserver.reconciler.approval;

/** Something that time or a person must change before a request can be written back. */
final class WaitingException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final boolean everyRequest;

  /**
   * @param everyRequest whether it holds up all of them
   */
  WaitingException(String message, boolean everyRequest) {
    super(message, null, false, false);
    this.everyRequest = everyRequest;
  }

  boolean everyRequest() {
    return everyRequest;
  }
}
