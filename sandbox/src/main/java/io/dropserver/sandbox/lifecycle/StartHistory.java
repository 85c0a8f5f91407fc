package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.Reason.Retry;
import io.dropserver.state.condition.SandboxReason;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Remembers how the starts of one appspace ended, and decides whether the next one is due. Guarded
 * by the lock of its {@link SandboxState}.
 */
final class StartHistory {
  private final String appspace;
  private final InstantSource clock;

  private CrashBackoff backoff = CrashBackoff.NONE;
  private long attempts;
  private @Nullable SandboxException failure;

  StartHistory(String appspace, InstantSource clock) {
    this.appspace = appspace;
    this.clock = clock;
  }

  /** Returns the number of starts that have ended. */
  long attempts() {
    return attempts;
  }

  /**
   * Checks that a caller may start the sandbox.
   *
   * @param seen the number of starts that had ended when the caller began to wait
   * @throws SandboxException the failure of the start for which the caller waited, or reason {@code
   *     Backoff}
   */
  void requireDue(long seen) {
    if (attempts != seen && failure != null) {
      throw failure;
    }
    Duration wait = backoff.remaining(clock.instant());
    if (!wait.isZero()) {
      throw new SandboxException(
          SandboxReason.BACKOFF,
          "appspace %s failed %d times; next try in %d s"
              .formatted(appspace, backoff.failures(), wait.toSeconds() + 1));
    }
  }

  /** Returns whether the next start must wait after failures. */
  boolean isBackingOff() {
    return !backoff.remaining(clock.instant()).isZero();
  }

  /** A new spec may start at once. */
  void endBackoff() {
    backoff = CrashBackoff.NONE;
  }

  void started() {
    failure = null;
  }

  /** A start ended, in a sandbox or in a failure. */
  void attemptEnded() {
    attempts++;
  }

  /**
   * Records a failure.
   *
   * @return whether the app may be at fault. A lack of capacity or disk space is not the app's
   *     fault, and may be gone at the next request.
   */
  boolean failed(SandboxException problem) {
    failure = problem;
    if (problem.reason().retry() == Retry.WAITING) {
      return false;
    }
    backoff = backoff.failedAt(clock.instant());
    return true;
  }

  /** Records a crash of a sandbox that ran for that long. */
  void crashed(Duration ran) {
    backoff = backoff.crashedAt(clock.instant(), ran);
  }
}
