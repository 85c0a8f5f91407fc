package io.dropserver.sandbox.lifecycle;

import java.time.Duration;

/**
 * Stops runs in phase STOPPING, which get no new leases, after their last lease is closed.
 * Thread-safe. Its methods block without the lock of the state.
 */
final class GracefulStop {
  private final SandboxState state;
  private final LifecycleSettings settings;

  GracefulStop(SandboxState state, LifecycleSettings settings) {
    this.state = state;
    this.settings = settings;
  }

  /** Blocks until the run has ended. Its leases may stay open for the drain timeout. */
  void drainAndStop(SandboxRun ending) {
    stop(ending, ending.leases::awaitClosed);
  }

  /** Like {@link #drainAndStop}, but does not wait for leases that have kept the place for long. */
  void stopForRoom(SandboxRun ending) {
    stop(ending, ending.leases::awaitKeptTime);
  }

  /** Blocks until a run that was asleep has ended. Its leases wait for nothing. */
  void stopAsleep(SandboxRun ending) {
    stop(ending, _ -> {});
  }

  private interface Drain {
    void await(Duration timeout) throws InterruptedException;
  }

  private void stop(SandboxRun ending, Drain drain) {
    try {
      ending.freezer.thaw(Freezer.Reason.ASLEEP);
      awaitStoppable(ending, drain);
      ending.sandbox.stop(settings.grace());
    } catch (RuntimeException | Error failure) {
      // The phase lasts until the sandbox has ended, because no second one may run beside it.
      var _ = ending.sandbox.exit().thenRun(() -> state.stopped(ending));
      throw failure;
    }
    state.stopped(ending);
  }

  /**
   * Waits for the leases, and while the sandbox is frozen. A stop would thaw it, so that it could
   * write during a copy of its data or to a full disk. An interrupt ends the wait.
   */
  private void awaitStoppable(SandboxRun ending, Drain drain) {
    try {
      drain.await(settings.drain());
      state.awaitCopied();
      ending.freezer.awaitThawed();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
