package io.dropserver.reconciler.backup;

import io.dropserver.backup.BackupException;
import io.dropserver.schema.concurrent.WakeableLoop;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs work on the repository, one job at a time. Failed work is retried with growing delays, or as
 * soon as a person has fixed something. Thread-safe.
 */
final class RepositoryJobs implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RepositoryJobs.class);
  private static final int MOST_DOUBLINGS = 5;

  private final Duration firstRetry;

  /** Guarded by itself. */
  private final Map<String, Job> jobs = new LinkedHashMap<>();

  private final WakeableLoop loop;

  /**
   * @param firstRetry delay after the first failure; doubled after each further one, up to a factor
   *     of 32
   */
  RepositoryJobs(Duration firstRetry) {
    this.firstRetry = firstRetry;
    this.loop = new WakeableLoop("backup").start(this::runNext);
  }

  /** Guarded by {@link #jobs}. */
  private static final class Job {
    final String name;
    final Runnable work;
    final BooleanSupplier wanted;
    long dueNanos;
    int failures;
    boolean running;

    /** Whether another run was requested since the current one started. */
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

  /** Starts work of that name, unless it is already in progress. */
  void begin(String name, Duration delay, Runnable work, BooleanSupplier wanted) {
    synchronized (jobs) {
      jobs.computeIfAbsent(name, absent -> new Job(name, delay, work, wanted));
    }
    loop.wake();
  }

  /**
   * Like {@link #begin}, but if the work is in progress or waiting after a failure, it runs once
   * more.
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

  /** Retries failed work at once. */
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

  /** Makes one attempt; returns false if a retry may succeed. */
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

  /** Interrupts running work and waits for it. The repository is consistent at any instant. */
  @Override
  public void close() {
    loop.close();
  }
}
