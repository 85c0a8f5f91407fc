package io.dropserver.reconciler.job;

import io.dropserver.base.budget.Budget;
import io.dropserver.base.concurrent.Threads;
import io.dropserver.base.concurrent.WakeableLoop;
import io.dropserver.reconciler.job.JobCaller.JobFailedException;
import io.dropserver.reconciler.job.JobCaller.NoCapacityException;
import io.dropserver.reconciler.job.JobTarget.State;
import io.dropserver.reconciler.status.EventLog;
import io.dropserver.schema.instance.AppJob;
import io.dropserver.schema.instance.Schedule;
import io.dropserver.state.condition.AppspaceReason;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the jobs of all appspaces when they are due. A run that takes longer than a minute leaves
 * its place to others and continues, so that long runs do not delay the jobs of other appspaces. A
 * job that became due several times while the server was down, while its appspace was being
 * prepared, or during its own run, runs once. A job that became due while its appspace or the
 * server was paused does not run. Thread-safe.
 */
public final class JobScheduler implements AutoCloseable {
  /**
   * The maximum number of runs of less than {@link #SHORT_RUN} at the same time. Each appspace has
   * at most one run, short or long.
   */
  static final int CONCURRENT_RUNS = 16;

  /** The time for which a run keeps its place. */
  static final Duration SHORT_RUN = Duration.ofMinutes(1);

  private static final Logger LOG = LoggerFactory.getLogger(JobScheduler.class);
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration POSTPONED = Duration.ofMinutes(1);
  private static final int SUCCESS = 200;
  private static final int REDIRECTION = 300;

  private final JobStore store;
  private final Supplier<Optional<Collection<JobTarget>>> targets;
  private final BooleanSupplier suspended;
  private final JobCaller caller;
  private final EventLog events;
  private final Clock clock;
  private final WakeableLoop loop = new WakeableLoop("jobs");
  private final Budget<String> places;
  private final Map<String, Run> runs = new ConcurrentHashMap<>(); // by appspace

  /** When each appspace last started a run. Only the loop uses it. */
  private final Map<String, Instant> lastStart = new HashMap<>();

  private final AtomicLong succeeded = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();

  private record Run(Thread thread, Budget<String>.Claim place, Instant since) {}

  private record Due(JobState.Key key, AppJob job, Schedule schedule, Instant at) {}

  /**
   * @param targets the declared appspaces; empty before the first revision
   * @param suspended whether an operator suspended the server
   * @param maxLive the number of sandboxes that may be awake, of which short runs take half
   */
  public JobScheduler(
      JobStore store,
      Supplier<Optional<Collection<JobTarget>>> targets,
      BooleanSupplier suspended,
      JobCaller caller,
      EventLog events,
      int maxLive,
      Clock clock) {
    this.places = new Budget<>(Math.clamp(maxLive / 2, 1, CONCURRENT_RUNS), 1);
    this.store = store;
    this.targets = targets;
    this.suspended = suspended;
    this.caller = caller;
    this.events = events;
    this.clock = clock;
  }

  public JobScheduler start() {
    loop.start(this::sweep);
    return this;
  }

  /** Returns the number of runs that succeeded since the start. */
  public long succeeded() {
    return succeeded.get();
  }

  /** Returns the number of runs that failed since the start. */
  public long failed() {
    return failed.get();
  }

  /** Returns the number of current runs. */
  public long running() {
    return runs.size();
  }

  /** Plans new and changed jobs, and starts those that are due. */
  Duration sweep() {
    Instant now = clock.instant();
    for (Run run : runs.values()) {
      // A run that began at a later date began before the date was set back.
      if (run.since().isBefore(now.minus(SHORT_RUN)) || run.since().isAfter(now)) {
        run.place().close();
      }
    }
    lastStart.values().removeIf(at -> at.isAfter(now));
    targets.get().ifPresent(declared -> sweep(declared, now));
    return TICK;
  }

  private void sweep(Collection<JobTarget> declared, Instant now) {
    boolean skipping = suspended.getAsBoolean();
    List<Due> due = new ArrayList<>();
    Set<String> unknown = new HashSet<>();
    Set<JobState.Key> known = new HashSet<>();
    Map<String, List<JobState>> recorded =
        store.all().stream().collect(Collectors.groupingBy(state -> state.key().appspace()));
    for (JobTarget target : declared) {
      if (skipping || target.state() == State.PAUSED) {
        recorded.getOrDefault(target.appspace(), List.of()).forEach(this::skip);
      }
      if (target.state() != State.SERVING) {
        unknown.add(target.appspace());
        continue;
      }
      for (AppJob job : target.jobs()) {
        known.add(new JobState.Key(target.appspace(), job.name()));
        if (!skipping) {
          findDue(target, job, now).ifPresent(due::add);
        }
      }
    }
    store.retain(key -> known.contains(key) || unknown.contains(key.appspace()));
    lastStart.keySet().retainAll(appspaces(store.all()));
    start(due, now);
  }

  private static Set<String> appspaces(List<JobState> states) {
    return states.stream().map(state -> state.key().appspace()).collect(Collectors.toSet());
  }

  private void skip(JobState state) {
    store.plan(state.key(), state.plan(), Optional.empty());
  }

  /** Plans a job by its schedule and the date. Returns it if it is due. */
  private Optional<Due> findDue(JobTarget target, AppJob job, Instant now) {
    JobState.Key key = new JobState.Key(target.appspace(), job.name());
    Schedule schedule = target.schedule(job);
    Optional<JobState> state = store.find(key).filter(s -> s.plan().equals(schedule.text()));
    Optional<Instant> next =
        target.settings().isEnabled(job)
            ? schedule.replan(state.flatMap(JobState::next), now)
            : Optional.empty();
    if (state.filter(s -> s.next().equals(next)).isEmpty()) {
      store.plan(key, schedule.text(), next);
    }
    return next.filter(at -> !at.isAfter(now)).map(at -> new Due(key, job, schedule, at));
  }

  /**
   * Starts due jobs as far as the limits allow. The appspace whose last run is oldest comes first,
   * so that an appspace with long jobs does not delay those of others.
   */
  private void start(List<Due> due, Instant now) {
    due.sort(
        Comparator.comparing(
                (Due each) -> lastStart.getOrDefault(each.key().appspace(), Instant.MIN))
            .thenComparing(Due::at));
    for (Due each : due) {
      String appspace = each.key().appspace();
      Optional<Budget<String>.Claim> place =
          runs.containsKey(appspace) ? Optional.empty() : places.claim(appspace, 1);
      if (place.isPresent()) {
        lastStart.put(appspace, now);
        start(each, place.get(), now);
      }
    }
  }

  private void start(Due due, Budget<String>.Claim place, Instant now) {
    try {
      store.recordStart(due.key(), due.schedule().next(clock.instant()));
    } catch (RuntimeException e) {
      place.close();
      throw e;
    }
    Thread thread = Thread.ofVirtual().name("job").unstarted(() -> run(due, place));
    runs.put(due.key().appspace(), new Run(thread, place, now));
    thread.start();
  }

  /** Leaves last, so that a run is recorded before another run of the appspace. */
  private void run(Due due, Budget<String>.Claim place) {
    try {
      call(due);
    } catch (RuntimeException e) {
      // The job stays planned, so it runs again at its next time.
      LOG.error("the run of {} in {} is not recorded", due.key().name(), due.key().appspace(), e);
    } finally {
      place.close();
      runs.remove(due.key().appspace());
      loop.wake();
    }
  }

  private void call(Due due) {
    try {
      int status = caller.call(due.key().appspace(), due.job());
      if (status >= SUCCESS && status < REDIRECTION) {
        succeeded.incrementAndGet();
        store.recordSuccess(due.key(), "succeeded with status " + status);
      } else {
        fail(due, "the app answered with status " + status);
      }
    } catch (NoCapacityException e) {
      fail(due, String.valueOf(e.getMessage()));
      store.plan(due.key(), due.schedule().text(), Optional.of(clock.instant().plus(POSTPONED)));
    } catch (JobFailedException e) {
      fail(due, String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      LOG.warn("the job {} of {} ended unexpectedly", due.key().name(), due.key().appspace(), e);
      fail(due, "the run ended unexpectedly: " + e.getMessage());
    }
  }

  private void fail(Due due, String message) {
    failed.incrementAndGet();
    boolean first = store.find(due.key()).filter(s -> s.failingSince().isPresent()).isEmpty();
    store.recordFailure(due.key(), message);
    if (first) {
      events.report(
          due.key().appspace(),
          AppspaceReason.JOB_FAILED,
          "the job " + due.key().name() + " failed: " + message,
          true);
    }
  }

  /** Interrupts current runs and waits for their ends. */
  @Override
  public void close() {
    loop.close();
    List<Thread> threads = runs.values().stream().map(Run::thread).toList();
    threads.forEach(Thread::interrupt);
    threads.forEach(Threads::join);
  }
}
