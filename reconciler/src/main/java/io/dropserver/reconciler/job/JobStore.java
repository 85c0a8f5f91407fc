package io.dropserver.reconciler.job;

import static io.dropserver.state.tables.Tables.JOB;

import io.dropserver.base.text.ShortText;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.tables.tables.records.JobRecord;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jooq.Condition;

/**
 * Stores when jobs are due and how their last runs ended. Reads are served from memory; the
 * database preserves the state across restarts. Thread-safe.
 */
public final class JobStore {
  /** The maximum length of a stored message, in characters. */
  static final int MESSAGE_CHARS = 500;

  private static final String CUT_OFF = "the server stopped during the run";

  private final StateDatabase database;
  private final Clock clock;
  private final Map<JobState.Key, JobState> states = new ConcurrentHashMap<>();

  /** Runs that an earlier process did not finish count as failed. */
  public JobStore(StateDatabase database, Clock clock) {
    this.database = database;
    this.clock = clock;
    for (JobRecord row : database.read(on -> on.selectFrom(JOB).fetch())) {
      JobState state = state(row);
      states.put(state.key(), state);
    }
    states.values().stream()
        .filter(JobState::isRunning)
        .toList()
        .forEach(state -> recordFailure(state.key(), CUT_OFF));
  }

  /**
   * Forgets when jobs are due, for a database that was restored from a backup. The next start
   * computes their next times from its own time.
   */
  public static void forgetDueTimes(StateDatabase database) {
    database.write(on -> on.update(JOB).setNull(JOB.NEXT_AT).execute());
  }

  public Optional<JobState> find(JobState.Key key) {
    return Optional.ofNullable(states.get(key));
  }

  /** Returns the states of the jobs of an appspace, by name. */
  public List<JobState> of(String appspace) {
    return states.values().stream()
        .filter(state -> state.key().appspace().equals(appspace))
        .sorted(Comparator.comparing(state -> state.key().name()))
        .toList();
  }

  /** Returns the states of all jobs. */
  public List<JobState> all() {
    return List.copyOf(states.values());
  }

  /** Sets when a job is due. Writes nothing if this is known already. */
  void plan(JobState.Key key, String plan, Optional<Instant> next) {
    JobState known = states.get(key);
    if (known == null || !known.plan().equals(plan) || !known.next().equals(next)) {
      update(
          key,
          row -> {
            row.setPlan(plan);
            row.set(JOB.NEXT_AT, next.map(Instant::toEpochMilli).orElse(null));
          });
    }
  }

  /** Records that a run starts, and when the job is due after it. */
  void recordStart(JobState.Key key, Optional<Instant> next) {
    update(
        key,
        row -> {
          row.set(JOB.NEXT_AT, next.map(Instant::toEpochMilli).orElse(null));
          row.setStartedAt(clock.millis());
          row.set(JOB.FINISHED_AT, null);
        });
  }

  void recordSuccess(JobState.Key key, String message) {
    update(
        key,
        row -> {
          row.setFinishedAt(clock.millis());
          row.set(JOB.FAILING_SINCE, null);
          row.setMessage(ShortText.first(message, MESSAGE_CHARS));
        });
  }

  void recordFailure(JobState.Key key, String message) {
    update(
        key,
        row -> {
          row.setFinishedAt(clock.millis());
          if (row.getFailingSince() == null) {
            row.setFailingSince(clock.millis());
          }
          row.setMessage(ShortText.first(message, MESSAGE_CHARS));
        });
  }

  /** Removes the jobs that do not match. */
  void retain(Predicate<JobState.Key> declared) {
    for (JobState.Key key : List.copyOf(states.keySet())) {
      if (!declared.test(key)) {
        database.write(on -> on.deleteFrom(JOB).where(is(key)).execute());
        states.remove(key);
      }
    }
  }

  private synchronized void update(JobState.Key key, Consumer<JobRecord> change) {
    JobState changed =
        database.writeReturning(
            on -> {
              JobRecord row =
                  on.fetchOptional(JOB, is(key))
                      .orElseGet(
                          () -> {
                            JobRecord fresh = on.newRecord(JOB);
                            fresh.setAppspace(key.appspace());
                            fresh.setName(key.name());
                            fresh.setPlan("");
                            fresh.setMessage("");
                            return fresh;
                          });
              change.accept(row);
              row.store();
              return state(row);
            });
    states.put(key, changed);
  }

  private static Condition is(JobState.Key key) {
    return JOB.APPSPACE.eq(key.appspace()).and(JOB.NAME.eq(key.name()));
  }

  private static JobState state(JobRecord row) {
    return new JobState(
        new JobState.Key(row.getAppspace(), row.getName()),
        row.getPlan(),
        Optional.ofNullable(row.getNextAt()).map(Instant::ofEpochMilli),
        Optional.ofNullable(row.getStartedAt()).map(Instant::ofEpochMilli),
        Optional.ofNullable(row.getFinishedAt()).map(Instant::ofEpochMilli),
        Optional.ofNullable(row.getFailingSince()).map(Instant::ofEpochMilli),
        row.getMessage());
  }
}
