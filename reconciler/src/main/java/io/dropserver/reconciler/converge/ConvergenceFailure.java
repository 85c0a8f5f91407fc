package io.dropserver.reconciler.converge;

import io.dropserver.reconciler.source.SourceException;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.StateException;
import io.dropserver.state.condition.AppspaceReason;
import io.dropserver.state.condition.Reason;
import io.dropserver.state.condition.Reason.Retry;
import org.jspecify.annotations.Nullable;

/**
 * The reason and message of a failed convergence, as they appear in a condition.
 *
 * @param expected whether the cause is outside this program; an unexpected failure is logged with
 *     its stack trace
 */
record ConvergenceFailure(Reason reason, String message, boolean expected) {

  static ConvergenceFailure of(RuntimeException e) {
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    return switch (e) {
      case StalledException stalled -> new ConvergenceFailure(stalled.reason, message, true);
      case SandboxException sandbox -> new ConvergenceFailure(sandbox.reason(), message, true);
      case SourceException source ->
          new ConvergenceFailure(AppspaceReason.ORIGIN_MISSING, message, true);
      case StateException state ->
          new ConvergenceFailure(AppspaceReason.CONVERGE_FAILED, message, true);
      default -> new ConvergenceFailure(AppspaceReason.CONVERGE_FAILED, message, false);
    };
  }

  /** Returns whether a retry may succeed without a change of the repository. */
  boolean worthRetrying() {
    return reason.retry() != Retry.STALLED;
  }

  /**
   * Thrown when an appspace cannot get a data folder, or when its upgrade was rolled back or
   * refused. The previous version stays. The attempt is repeated only at an operator's request or
   * with a new revision.
   */
  static final class StalledException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final AppspaceReason reason;

    StalledException(AppspaceReason reason, String message, @Nullable Throwable cause) {
      super(message, cause);
      this.reason = reason;
    }
  }
}
