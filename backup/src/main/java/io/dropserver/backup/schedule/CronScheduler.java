package io.dropserver.backup.schedule;

import io.dropserver.base.concurrent.WakeableLoop;
import io.dropserver.schema.instance.Schedule;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
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
 * Reports when backups are due. {@link Schedule} decides the times, and Quartz waits for the next
 * one of each backup. A run that was missed while the server was down is due when its schedule is
 * declared. Thread-safe.
 */
public final class CronScheduler implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CronScheduler.class);

  /** How often planned times are compared with the date. */
  private static final Duration DATE_CHECK_INTERVAL = Duration.ofMinutes(1);

  private final Scheduler quartz;
  private final Consumer<String> onDue;
  private final Clock clock;

  /** Guarded by this. */
  private final Map<String, Schedule> declared = new HashMap<>();

  private final WakeableLoop dateChecks = new WakeableLoop("dates of backups");

  /** Guarded by this. */
  private boolean closed;

  /**
   * @param due receives the name of the due backup; must return immediately
   */
  public CronScheduler(Consumer<String> due, Clock clock) {
    this.onDue = due;
    this.clock = clock;
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
      Map<String, Schedule> schedules, Function<String, Optional<Instant>> lastRun) {
    if (closed) {
      return;
    }
    Set<String> gone = new HashSet<>(declared.keySet());
    gone.removeAll(schedules.keySet());
    gone.forEach(this::remove);
    declared.keySet().retainAll(schedules.keySet());
    schedules.forEach(
        (name, schedule) -> {
          Schedule before = declared.put(name, schedule);
          if (before == null) {
            plan(name, schedule, lastRun.apply(name).flatMap(schedule::next));
          } else if (!before.equals(schedule)) {
            plan(name, schedule, Optional.empty());
          }
        });
  }

  /**
   * Plans each backup again that is planned for a time that is too late by the date. Quartz keeps
   * its times when the date is set back, and would wait until the old date comes again.
   */
  synchronized void followDate() {
    if (!closed) {
      declared.forEach(
          (name, schedule) -> {
            Optional<Instant> planned = planned(name);
            if (planned.isPresent() && !schedule.replan(planned, clock.instant()).equals(planned)) {
              LOG.info("the date was set back: the backup of {} is scheduled again", name);
              plan(name, schedule, planned);
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

  /** Plans the next run. A time that passes while the machine is suspended is due then. */
  private void plan(String name, Schedule schedule, Optional<Instant> planned) {
    remove(name);
    Instant now = clock.instant();
    Optional<Instant> next = schedule.replan(planned, now);
    if (next.isPresent() && !next.get().isAfter(now)) {
      onDue.accept(name);
      next = schedule.next(now);
    }
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
      Schedule schedule = declared.get(name);
      if (closed || schedule == null) {
        return;
      }
      Instant now = clock.instant();
      plan(name, schedule, schedule.next(now.isAfter(at) ? now : at));
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
