package io.dropserver.reconciler.backup;

import io.dropserver.backup.BackupException;
import io.dropserver.base.concurrent.WakeableLoop;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs jobs on the backup repository, one at a time. A job that fails with a {@code
 * BackupException} is retried with growing delays, or earlier on request. Thread-safe.
 */
final class RepositoryJobs implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RepositoryJobs.class);
  private static final int MOST_DOUBLINGS = 5;

  private final Duration firstRetry;

  /** Guarded by itself. */
  private final Map<String, Job> jobs = new LinkedHashMap<>();

  private final WakeableLoop loop;

  /**
   * @param firstRetry delay after the first failure; doubles after each further one, up to 32 times
   *     this delay
   */
  RepositoryJobs(Duration firstRetry) {
    this.firstRetry = firstRetry;
    this.loop = new WakeableLoop("backup").start(this::runNext);
  }

  /** The state of one job. Guarded by {@link #jobs}. */
  private static final class Job {
    final String name;
    final Runnable work;
    final BooleanSupplier wanted;
    long dueNanos;
    int failures;
    boolean running;

    /** Whether another run was requested during the current one. */
    boolean again;

    Job(String name, Duration delay, Runnable work, BooleanSupplier wanted) {
      this.name = name;
      this.work = work;
      this.wanted = wanted;
      due(delay);
    }

    void due(Duration delay) {
      dueNanos = System.nanoTime() + delay.toNanos();
    }
  }

  /** Adds a job, unless a job of that name is running or waiting. */
  void begin(String name, Duration delay, Runnable work, BooleanSupplier wanted) {
    synchronized (jobs) {
      jobs.computeIfAbsent(name, absent -> new Job(name, delay, work, wanted));
    }
    loop.wake();
  }

  /**
   * Like {@link #begin}, but a running job runs once more afterwards, and a job that waits after a
   * failure runs immediately.
   */
  void beginAgain(String name, Runnable work, BooleanSupplier wanted) {
    synchronized (jobs) {
      Job job = jobs.computeIfAbsent(name, absent -> new Job(name, Duration.ZERO, work, wanted));
      job.again = job.running;
      if (job.failures > 0) {
        job.due(Duration.ZERO);
      }
    }
    loop.wake();
  }

  /** Runs failed jobs again without waiting for their delays. */
  void retry() {
    synchronized (jobs) {
      jobs.values().stream().filter(job -> job.failures > 0).forEach(job -> job.due(Duration.ZERO));
    }
    loop.wake();
  }

  private Duration runNext() throws InterruptedException {
    Job job;
    synchronized (jobs) {
      long now = System.nanoTime();
      Optional<Job> first =
          jobs.values().stream().min(Comparator.comparingLong(each -> each.dueNanos - now));
      if (first.isEmpty()) {
        return WakeableLoop.FOREVER;
      }
      job = first.get();
      if (job.dueNanos - now > 0) {
        return Duration.ofNanos(job.dueNanos - now);
      }
      job.running = true;
    }
    boolean done = attempt(job);
    synchronized (jobs) {
      job.running = false;
      if (done && !job.again) {
        jobs.remove(job.name);
      } else {
        Duration delay = firstRetry.multipliedBy(1L << Math.min(job.failures, MOST_DOUBLINGS));
        job.due(job.again ? Duration.ZERO : delay);
        job.failures = done ? 0 : job.failures + 1;
        job.again = false;
      }
    }
    return Duration.ZERO;
  }

  /** Makes one attempt. Returns false if the job failed and must be retried. */
  private boolean attempt(Job job) {
    try {
      job.work.run();
      return true;
    } catch (BackupException e) {
      LOG.warn("backup of {}: {}", job.name, e.getMessage());
      return !job.wanted.getAsBoolean();
    } catch (RuntimeException e) {
      LOG.error("backup of {} ended unexpectedly", job.name, e);
      return true;
    }
  }

  /** Interrupts the running job and waits for it. The repository stays consistent. */
  @Override
  public void close() {
    loop.close();
  }
}
