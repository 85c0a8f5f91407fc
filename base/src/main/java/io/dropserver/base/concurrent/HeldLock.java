package io.dropserver.base.concurrent;

import java.util.concurrent.locks.Lock;

/** Holds a lock for the time of a block: {@code try (var _ = new HeldLock(lock)) { … }}. */
public final class HeldLock implements AutoCloseable {
  private final Lock lock;

  /** Blocks until the lock is available. An interrupt does not end the wait. */
  @SuppressWarnings("LockNotBeforeTry") // close() releases it
  public HeldLock(Lock lock) {
    lock.lock();
    this.lock = lock;
  }

  @Override
  public void close() {
    lock.unlock();
  }
}
