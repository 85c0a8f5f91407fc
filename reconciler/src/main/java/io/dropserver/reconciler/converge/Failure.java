package io.dropserver.reconciler.converge;

import io.dropserver.reconciler.source.SourceException;
import io.dropserver.reconciler.status.Reasons;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.state.StateException;

/** Why an object could not be converged, as a condition says it. */
record Failure(String reason, String message, boolean expected) {

  static Failure of(RuntimeException e) {
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    return switch (e) {
      case Withheld withheld -> new Failure(Reasons.DATA_RETAINED, message, true);
      case SandboxException sandbox -> new Failure(sandbox.reason(), message, true);
      case SourceException source -> new Failure(Reasons.ORIGIN_MISSING, message, true);
      case StateException state -> new Failure(Reasons.CONVERGE_FAILED, message, true);
      default -> new Failure(Reasons.CONVERGE_FAILED, message, false);
    };
  }

  /** There is data of this name that belongs to another app or owner. */
  static final class Withheld extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Withheld(String message) {
      super(message);
    }
  }
}
