package io.dropserver.reconciler.converge;

import io.dropserver.reconciler.source.SourceException;
import io.dropserver.reconciler.status.Reasons;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.app.InstallFailure;
import io.dropserver.schema.state.StateException;

/**
 * Why an object could not be converged, in the terms of a condition.
 *
 * @param expected whether the cause is outside this program; an unexpected failure is logged with
 *     its stack trace
 * @param worthRetrying whether a later attempt may succeed without any edit
 */
record Failure(String reason, String message, boolean expected, boolean worthRetrying) {

  static Failure of(RuntimeException e) {
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    return switch (e) {
      case Withheld withheld -> new Failure(Reasons.DATA_RETAINED, message, true, false);
      case Upgrade.Stalled stalled -> new Failure(stalled.reason(), message, true, false);
      case SandboxException sandbox -> of(sandbox.reason(), message);
      case SourceException source -> new Failure(Reasons.ORIGIN_MISSING, message, true, true);
      case StateException state -> new Failure(Reasons.CONVERGE_FAILED, message, true, true);
      default -> new Failure(Reasons.CONVERGE_FAILED, message, false, true);
    };
  }

  private static Failure of(String reason, String message) {
    boolean worthRetrying =
        InstallFailure.of(reason).map(InstallFailure::worthRetrying).orElse(true);
    return new Failure(reason, message, true, worthRetrying);
  }

  /** Data of this name exists and belongs to another app or owner. */
  static final class Withheld extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Withheld(String message) {
      super(message);
    }
  }
}
