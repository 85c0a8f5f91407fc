package io.dropserver.reconciler.backup;

import io.dropserver.backup.BackupException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs work on the repository, one job at a time. Failed work is retried with growing delays, or as
 * soon as a person has fixed something. Thread-safe.
 */
final class RepositoryWork implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RepositoryWork.class);
  private static final int MOST_DOUBLINGS = 5;

  private final Duration firstRetry;
  private final Semaphore turn = new Semaphore(1, true);
  private final Map<String, Job> jobs = new ConcurrentHashMap<>();

  /** Guards the fields below. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Condition changed = lock.newCondition();
  private long mends;

  private volatile boolean closed;

  /**
   * @param firstRetry delay after the first failure; doubled after each further one, up to a factor
   *     of 32
   */
  RepositoryWork(Duration firstRetry) {
    this.firstRetry = firstRetry;
  }

  /**
   * @param again whether another run was requested since it started
   */
  private record Job(Thread thread, boolean again) {}

  /** Starts work of that name, unless it is already in progress. */
  void begin(String name, Duration delay, Runnable work, BooleanSupplier wanted) {
    jobs.computeIfAbsent(name, absent -> started(name, delay, work, wanted));
  }

  /**
   * Like {@link #begin}, but if the work is in progress or waiting after a failure, it runs once
   * more.
   */
  void beginAgain(String name, Runnable work, BooleanSupplier wanted) {
    jobs.compute(
        name,
        (same, going) ->
            going == null
                ? started(name, Duration.ZERO, work, wanted)
                : new Job(going.thread(), true));
    wake(0);
  }

  /** Retries failed work at once. */
  void retry() {
    wake(1);
  }

  private void wake(int mended) {
    lock.lock();
    try {
      mends += mended;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private Job started(String name, Duration delay, Runnable work, BooleanSupplier wanted) {
    Thread thread =
        Thread.ofVirtual()
            .name("backup-" + name)
            .start(
                () -> {
                  go(name, delay, work, wanted);
                  ended(name, work, wanted);
                });
    return new Job(thread, false);
  }

  private void ended(String name, Runnable work, BooleanSupplier wanted) {
    jobs.computeIfPresent(
        name,
        (same, job) -> job.again() && !closed ? started(name, Duration.ZERO, work, wanted) : null);
  }

  private void go(String name, Duration delay, Runnable work, BooleanSupplier wanted) {
    try {
      Thread.sleep(delay);
      for (int failures = 0; !done(name, work, wanted); failures++) {
        pause(name, firstRetry.multipliedBy(1L << Math.min(failures, MOST_DOUBLINGS)));
        taken(name);
      }
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    }
  }

  private void pause(String name, Duration most) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long seen = mends;
      long left = most.toNanos();
      while (mends == seen && left > 0 && !askedAgain(name)) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Clears the request for another run, which the current attempt fulfills. */
  private void taken(String name) {
    jobs.computeIfPresent(name, (same, job) -> new Job(job.thread(), false));
  }

  private boolean askedAgain(String name) {
    Job job = jobs.get(name);
    return job != null && job.again();
  }

  /** Makes one attempt; returns false if a retry may succeed. */
  private boolean done(String name, Runnable work, BooleanSupplier wanted)
      throws InterruptedException {
    turn.acquire();
    try {
      work.run();
      return true;
    } catch (BackupException e) {
      LOG.warn("backup of {}: {}", name, e.getMessage());
      return closed || !wanted.getAsBoolean();
    } catch (RuntimeException e) {
      LOG.error("backup of {} ended unexpectedly", name, e);
      return true;
    } finally {
      turn.release();
    }
  }

  /** Interrupts running work and waits for it. The repository is consistent at any instant. */
  @Override
  public void close() {
    closed = true;
    for (Job job : Set.copyOf(jobs.values())) {
      job.thread().interrupt();
    }
    for (Job job : Set.copyOf(jobs.values())) {
      try {
        job.thread().join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
