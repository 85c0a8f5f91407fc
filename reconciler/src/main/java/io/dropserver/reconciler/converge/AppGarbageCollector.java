package io.dropserver.reconciler.converge;

import io.dropserver.base.concurrent.PeriodicTask;
import io.dropserver.base.concurrent.Timers;
import io.dropserver.sandbox.SandboxException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Once an hour, removes app versions that have been unused for a week. The grace period avoids a
 * reinstallation when an appspace goes back to an earlier version. Thread-safe.
 */
public final class AppGarbageCollector implements AutoCloseable {
  static final Duration EVERY = Duration.ofHours(1);
  static final Duration GRACE = Duration.ofDays(7);
  private static final Logger LOG = LoggerFactory.getLogger(AppGarbageCollector.class);

  private final Store store;
  private final Supplier<Optional<Set<String>>> inUse;
  private final PeriodicTask collections;

  /** Removes unused app versions; see {@code AppStore.collect}. */
  @FunctionalInterface
  public interface Store {
    int collect(Set<String> inUse, Duration grace);
  }

  /**
   * @param inUse content IDs that must not be collected; empty before the first revision, when
   *     nothing may be collected
   */
  public AppGarbageCollector(Store store, Supplier<Optional<Set<String>>> inUse, Timers timers) {
    this.store = store;
    this.inUse = inUse;
    this.collections = new PeriodicTask(timers, EVERY, this::collect);
  }

  /**
   * Schedules collections. The first one follows after an hour, so that it does not slow down the
   * server's start.
   */
  public AppGarbageCollector start() {
    collections.start();
    return this;
  }

  private void collect() {
    try {
      inUse
          .get()
          .map(contents -> store.collect(contents, GRACE))
          .filter(removed -> removed > 0)
          .ifPresent(removed -> LOG.info("removed {} unused app versions", removed));
    } catch (SandboxException e) {
      LOG.warn("{}", e.getMessage());
    }
  }

  @Override
  public void close() {
    collections.close();
  }
}
