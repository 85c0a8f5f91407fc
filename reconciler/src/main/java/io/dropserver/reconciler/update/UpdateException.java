package io.dropserver.reconciler.update;

import io.dropserver.state.condition.UpdateReason;

/** A version could not be offered. The message is a sentence for a condition. */
final class UpdateException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final UpdateReason reason;
  private final boolean soon;

  /**
   * @param soon whether time alone may resolve the problem, so that the server retries with backoff
   */
  UpdateException(UpdateReason reason, boolean soon, String message) {
    super(message);
    this.reason = reason;
    this.soon = soon;
  }

  UpdateReason reason() {
    return reason;
  }

  boolean soon() {
    return soon;
  }
}
