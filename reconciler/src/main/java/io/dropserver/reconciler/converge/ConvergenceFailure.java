package io.dropserver.reconciler.converge;

import io.dropserver.reconciler.source.SourceException;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.state.StateException;
import io.dropserver.schema.status.AppspaceReason;
import io.dropserver.schema.status.Reason;
import io.dropserver.schema.status.Reason.Retry;

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
      case DataWithheldException dataWithheldException ->
          new ConvergenceFailure(AppspaceReason.DATA_RETAINED, message, true);
      case Upgrade.UpgradeStalledException upgradeStalledException ->
          new ConvergenceFailure(upgradeStalledException.reason(), message, true);
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
   * Thrown when an appspace cannot get a data folder: retained data of its name belongs to another
   * app or owner, or the appspace was removed from the repository in the meantime.
   */
  static final class DataWithheldException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DataWithheldException(String message) {
      super(message);
    }
  }
}
