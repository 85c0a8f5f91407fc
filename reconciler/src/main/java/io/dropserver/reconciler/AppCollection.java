package io.dropserver.reconciler;

import io.dropserver.reconciler.converge.Repeated;
import io.dropserver.reconciler.converge.Timers;
import io.dropserver.sandbox.SandboxException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes app versions that nothing has used for a week, once an hour. What is collected by mistake
 * is installed again when it is asked for; the grace period saves that for who goes back to a
 * version. Thread-safe.
 */
final class AppCollection implements AutoCloseable {
  static final Duration EVERY = Duration.ofHours(1);
  static final Duration GRACE = Duration.ofDays(7);
  private static final Logger LOG = LoggerFactory.getLogger(AppCollection.class);

  private final Store store;
  private final Supplier<Optional<Set<String>>> inUse;
  private final Repeated collections;

  /** As {@code AppStore.collect}. */
  @FunctionalInterface
  interface Store {
    int collect(Set<String> inUse, Duration grace);
  }

  /**
   * @param inUse content ids that must stay; empty while it is not known yet
   */
  AppCollection(Store store, Supplier<Optional<Set<String>>> inUse, Timers timers) {
    this.store = store;
    this.inUse = inUse;
    this.collections = new Repeated(timers, EVERY, this::collect);
  }

  /** Collects an hour from now for the first time: a start has better things to do. */
  AppCollection start() {
    collections.start();
    return this;
  }

  private void collect() {
    try {
      inUse
          .get()
          .map(contents -> store.collect(contents, GRACE))
          .filter(removed -> removed > 0)
          .ifPresent(removed -> LOG.info("removed {} app versions that nothing used", removed));
    } catch (SandboxException e) {
      LOG.warn("{}", e.getMessage());
    }
  }

  @Override
  public void close() {
    collections.close();
  }
}
