package io.dropserver.reconciler.server;

import io.dropserver.reconciler.converge.PeriodicTask;
import io.dropserver.reconciler.converge.Timers;
import io.dropserver.reconciler.status.ServerState;
import io.dropserver.sandbox.SwapObstacle;
import io.dropserver.schema.status.ConditionType;
import io.dropserver.schema.status.InstanceReason;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Sets {@code SwapUnavailable} while the configuration has {@code sandbox.swap} and this machine
 * cannot move the memory of sleeping sandboxes to swap. Thread-safe.
 */
final class SwapMonitor implements AutoCloseable {
  private static final Duration EVERY = Duration.ofMinutes(1);

  private final boolean wanted;
  private final Supplier<Optional<SwapObstacle>> obstacle;
  private final ServerState server;
  private final PeriodicTask checks;

  /**
   * @param wanted whether the configuration has {@code sandbox.swap}
   */
  SwapMonitor(
      boolean wanted,
      Supplier<Optional<SwapObstacle>> obstacle,
      ServerState server,
      Timers timers) {
    this.wanted = wanted;
    this.obstacle = obstacle;
    this.server = server;
    this.checks = new PeriodicTask(timers, EVERY, this::check);
  }

  SwapMonitor start() {
    check();
    if (wanted) {
      checks.start(); // swap can be added or removed at any time
    }
    return this;
  }

  private void check() {
    Optional<SwapObstacle> found = wanted ? obstacle.get() : Optional.empty();
    found.ifPresentOrElse(
        present ->
            server.set(
                ConditionType.SWAP_UNAVAILABLE,
                InstanceReason.NOT_SUPPORTED,
                present.message(),
                ""),
        () -> server.clear(ConditionType.SWAP_UNAVAILABLE));
  }

  @Override
  public void close() {
    checks.close();
  }
}
