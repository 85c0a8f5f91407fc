package io.dropserver.reconciler.source;

import io.dropserver.base.concurrent.HeldLock;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects a repository on a thread of its own after a fetch that makes a collection due. A
 * collection never runs during a fetch, and holds the lock of the references. So no fetch cancels
 * it, and no change of a reference fails because of it. Thread-safe.
 */
final class CollectionSchedule implements AutoCloseable {
  /** After a failure, such as a full disk, no collection starts for this time. */
  static final Duration PAUSE = Duration.ofHours(1);

  private static final Logger LOG = LoggerFactory.getLogger(CollectionSchedule.class);

  private final Lock references;
  private final Supplier<? extends FileRepository> repository;
  private final InstantSource clock;

  /** Fetches share the read lock. A collection holds the write lock. */
  private final ReentrantReadWriteLock transfers = new ReentrantReadWriteLock();

  private final AtomicBoolean running = new AtomicBoolean();
  private volatile Instant notBefore = Instant.MIN;
  private volatile boolean closed;

  /**
   * @param references held while references change
   * @param repository called while {@code references} is held or free
   * @param clock does not follow changes of the date
   */
  CollectionSchedule(
      Lock references, Supplier<? extends FileRepository> repository, InstantSource clock) {
    this.references = references;
    this.repository = repository;
    this.clock = clock;
  }

  /** Runs a fetch, and starts a collection afterwards if one is due. */
  <T> T fetch(GitSource.Work<T> fetch) throws IOException {
    try (var _ = new HeldLock(transfers.readLock())) {
      return fetch.run();
    } finally {
      startIfDue();
    }
  }

  private void startIfDue() {
    if (!closed
        && !clock.instant().isBefore(notBefore)
        && GarbageCollection.isDue(repository.get())
        && running.compareAndSet(false, true)) {
      Thread.ofVirtual().name("git-collection").start(this::collect);
    }
  }

  private void collect() {
    Lock alone = transfers.writeLock();
    if (!alone.tryLock()) { // another fetch runs, and tries again at its end
      running.set(false);
      return;
    }
    try (var _ = new HeldLock(references)) {
      if (!closed) {
        GarbageCollection.run(repository.get(), () -> closed);
      }
    } catch (IOException | RuntimeException e) {
      if (!closed) {
        notBefore = clock.instant().plus(PAUSE);
        LOG.warn(
            "{} cannot be collected and grows with each fetch: {}; the next attempt is in {} min;"
                + " check the free disk space, and `git fsck` in that folder",
            repository.get().getDirectory(),
            e.getMessage(),
            PAUSE.toMinutes());
      }
    } finally {
      alone.unlock();
      running.set(false);
    }
  }

  /** Returns whether a collection runs, for tests. */
  boolean isRunning() {
    return running.get();
  }

  /** Cancels a running collection. Returns before it has ended. */
  @Override
  public void close() {
    closed = true;
  }
}
