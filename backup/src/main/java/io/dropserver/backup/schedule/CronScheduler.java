package io.dropserver.backup.schedule;

import io.dropserver.base.concurrent.WakeableLoop;
import io.dropserver.schema.instance.BackupPolicy;
import io.dropserver.schema.instance.Cron;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobKey;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.SimpleScheduleBuilder;
import org.quartz.TriggerBuilder;
import org.quartz.TriggerKey;
import org.quartz.impl.StdSchedulerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports when backups are due. {@link Cron} decides the times, and Quartz waits for the next one
 * of each backup. If runs were missed while the server was down, one backup is due when its
 * schedule is declared. If the date of the machine was ahead and is corrected, the schedules follow
 * the new date. Thread-safe.
 */
public final class CronScheduler implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CronScheduler.class);

  /** How often the date is read, to notice that it was set back. */
  private static final Duration DATE_CHECK_INTERVAL = Duration.ofMinutes(1);

  /** After a smaller correction of the date, times stay as planned, so that none is due twice. */
  private static final Duration CORRECTION = Duration.ofHours(3);

  private final Scheduler quartz;
  private final Consumer<String> onDue;
  private final Clock clock;
  private final Map<String, BackupPolicy> declared = new ConcurrentHashMap<>();
  private final WakeableLoop dateChecks = new WakeableLoop("dates of backups");

  /** Guarded by this. */
  private boolean closed;

  /** The date at the last look. Guarded by this. */
  private Instant lastDate;

  /**
   * @param due receives the name of the due backup; must return immediately
   */
  public CronScheduler(Consumer<String> due, Clock clock) {
    this.onDue = due;
    this.clock = clock;
    this.lastDate = clock.instant();
    Properties properties = new Properties();
    properties.put("org.quartz.scheduler.instanceName", "dropserver-" + UUID.randomUUID());
    properties.put("org.quartz.scheduler.skipUpdateCheck", "true");
    properties.put("org.quartz.scheduler.makeSchedulerThreadDaemon", "true");
    properties.put("org.quartz.threadPool.class", "org.quartz.simpl.SimpleThreadPool");
    properties.put("org.quartz.threadPool.threadCount", "1");
    properties.put("org.quartz.threadPool.makeThreadsDaemons", "true");
    try {
      this.quartz = new StdSchedulerFactory(properties).getScheduler();
      quartz.setJobFactory(
          (_, _) ->
              context ->
                  fire(
                      context.getJobDetail().getKey().getName(),
                      context.getScheduledFireTime().toInstant()));
      quartz.start();
    } catch (SchedulerException e) {
      throw new IllegalStateException("Quartz cannot be started", e);
    }
    dateChecks.start(
        () -> {
          followDate();
          return DATE_CHECK_INTERVAL;
        });
  }

  /**
   * Replaces all schedules. Does nothing after {@link #close}.
   *
   * @param lastRun returns when a backup was last started; empty if never, and then no run counts
   *     as missed
   */
  public synchronized void declare(
      Map<String, BackupPolicy> policies, Function<String, Optional<Instant>> lastRun) {
    if (closed) {
      return;
    }
    Set<String> gone = new HashSet<>(declared.keySet());
    gone.removeAll(policies.keySet());
    gone.forEach(this::remove);
    declared.keySet().retainAll(policies.keySet());
    policies.forEach(
        (name, policy) -> {
          BackupPolicy before = declared.put(name, policy);
          if (before == null || !sameTimes(before, policy)) {
            schedule(name, policy, clock.instant());
          }
          if (before == null && wasMissed(policy, lastRun.apply(name))) {
            onDue.accept(name);
          }
        });
  }

  /** Returns the next due time of a policy; empty if it is never due. */
  public Optional<Instant> next(BackupPolicy policy) {
    return nextAfter(policy, clock.instant());
  }

  /** Returns the time between the next two due times of a policy, or zero if it is never due. */
  public Duration interval(BackupPolicy policy) {
    return next(policy)
        .flatMap(next -> nextAfter(policy, next).map(after -> Duration.between(next, after)))
        .orElse(Duration.ZERO);
  }

  private static Optional<Instant> nextAfter(BackupPolicy policy, Instant after) {
    return Cron.of(policy.schedule()).next(after, policy.zone());
  }

  private static boolean sameTimes(BackupPolicy one, BackupPolicy other) {
    return one.schedule().equals(other.schedule()) && one.zone().equals(other.zone());
  }

  private boolean wasMissed(BackupPolicy policy, Optional<Instant> lastRun) {
    return lastRun
        .flatMap(last -> nextAfter(policy, last))
        .filter(at -> at.isBefore(clock.instant()))
        .isPresent();
  }

  /**
   * Plans each schedule again that Quartz planned for a time that is too late by the date. Quartz
   * keeps its times when the date is set back, and would wait until the old date comes again.
   */
  synchronized void followDate() {
    Instant now = clock.instant();
    boolean setBack = now.isBefore(lastDate);
    lastDate = now;
    if (setBack && !closed) {
      declared.forEach(
          (name, policy) -> {
            Optional<Instant> latest = nextAfter(policy, now.plus(CORRECTION));
            if (latest.isPresent() && planned(name).filter(latest.get()::isBefore).isPresent()) {
              LOG.info("the date was set back: the backup of {} is scheduled again", name);
              schedule(name, policy, now);
            }
          });
    }
  }

  /** Returns the time for which Quartz has planned a backup; empty if there is none. */
  Optional<Instant> planned(String name) {
    try {
      return Optional.ofNullable(quartz.getTrigger(new TriggerKey(name)))
          .map(trigger -> trigger.getStartTime().toInstant());
    } catch (SchedulerException e) {
      throw new IllegalStateException("the schedule of " + name + " cannot be read", e);
    }
  }

  /** Plans the next due time. A time that passes while the machine is suspended is due then. */
  private void schedule(String name, BackupPolicy policy, Instant after) {
    remove(name);
    Optional<Instant> next = nextAfter(policy, after);
    if (next.isPresent()) {
      try {
        quartz.scheduleJob(
            JobBuilder.newJob(Job.class).withIdentity(name).build(),
            TriggerBuilder.newTrigger()
                .withIdentity(name)
                .startAt(Date.from(next.get()))
                .withSchedule(
                    SimpleScheduleBuilder.simpleSchedule().withMisfireHandlingInstructionFireNow())
                .build());
      } catch (SchedulerException e) {
        throw new IllegalStateException("the schedule of " + name + " cannot be set", e);
      }
    }
  }

  private void remove(String name) {
    try {
      quartz.deleteJob(new JobKey(name));
    } catch (SchedulerException e) {
      throw new IllegalStateException("the schedule of " + name + " cannot be removed", e);
    }
  }

  /**
   * @param at the time for which the run was planned; Quartz may be early by milliseconds
   */
  private void fire(String name, Instant at) {
    synchronized (this) {
      BackupPolicy policy = declared.get(name);
      if (closed || policy == null) {
        return;
      }
      Instant now = clock.instant();
      schedule(name, policy, now.isAfter(at) ? now : at);
    }
    onDue.accept(name);
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    dateChecks.close();
    try {
      quartz.shutdown(true);
    } catch (SchedulerException e) {
      throw new IllegalStateException("Quartz does not stop", e);
    }
  }
}
