package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.lifecycle.Places.Reservation;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Runs work on one appspace during which its sandbox is not started: copies and replacements.
 * Thread-safe. The work runs without the lock of the state.
 */
final class ExclusiveWork {
  private final SandboxState state;
  private final Starter starter;
  private final GracefulStop stop;
  private final LifecycleSettings settings;

  ExclusiveWork(
      SandboxState state, Starter starter, GracefulStop stop, LifecycleSettings settings) {
    this.state = state;
    this.starter = starter;
    this.stop = stop;
    this.settings = settings;
  }

  /** See {@link Sandboxes#whileStopped}. */
  void whileStopped(Runnable task) {
    Optional<SandboxRun> before = state.beginWork(SandboxWork.REPLACE);
    try {
      before.ifPresent(stop::drainAndStop);
      task.run();
    } finally {
      state.endWork();
    }
  }

  /**
   * See {@link Sandboxes#replace}. Waits for a place before the sandbox stops, so the previous one
   * serves meanwhile. The place stays reserved between the two.
   */
  void replace(SandboxSpec next, Consumer<Sandbox> check) {
    try (Reservation _ = starter.reserveForMaintenance(next)) {
      whileStopped(() -> startChecked(next, check));
    }
  }

  private void startChecked(SandboxSpec next, Consumer<Sandbox> check) {
    Sandbox sandbox = starter.startWhenPossible(next);
    boolean accepted = false;
    try {
      check.accept(sandbox);
      accepted = true;
    } finally {
      if (!accepted) {
        discard(sandbox, next);
      }
    }
    state.replaced(sandbox, next);
  }

  private void discard(Sandbox refused, SandboxSpec spec) {
    try {
      refused.stop(settings.grace());
    } finally {
      starter.ended(spec);
    }
  }

  /** See {@link Sandboxes#whileFrozen}. */
  boolean whileFrozen(Runnable task) {
    Optional<SandboxRun> frozen = state.beginWork(SandboxWork.COPY);
    try {
      frozen.ifPresent(run -> run.freezer.freeze(Freezer.Reason.BACKUP));
      task.run();
      return frozen.isPresent();
    } finally {
      try {
        frozen.ifPresent(run -> run.freezer.thaw(Freezer.Reason.BACKUP));
      } finally {
        state.endWork();
      }
    }
  }
}
