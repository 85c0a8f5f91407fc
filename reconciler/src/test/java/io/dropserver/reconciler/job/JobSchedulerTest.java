package io.dropserver.reconciler.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.reconciler.job.JobCaller.JobFailedException;
import io.dropserver.reconciler.job.JobCaller.NoCapacityException;
import io.dropserver.reconciler.job.JobTarget.State;
import io.dropserver.reconciler.status.EventLog;
import io.dropserver.schema.instance.AppJob;
import io.dropserver.schema.instance.JobSettings;
import io.dropserver.schema.instance.JobSettings.JobOverride;
import io.dropserver.schema.instance.Location;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.condition.AppspaceReason;
import io.dropserver.testing.SettableClock;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobSchedulerTest {
  private static final Instant START = Instant.parse("2026-11-25T10:05:00Z");
  private static final Instant FIRST_DUE = Instant.parse("2026-11-25T11:00:00Z");
  private static final AppJob HOURLY = job("hourly", "0 * * * *");
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration DELAY = target("garden", State.SERVING).delay();

  @TempDir Path folder;

  private final Clock clock = InstantSource.system().withZone(ZoneOffset.UTC);
  private final SettableClock injected = new SettableClock(START);
  private final List<String> calls = new CopyOnWriteArrayList<>();
  private final Set<String> current = ConcurrentHashMap.newKeySet();
  private final Map<String, Integer> statuses = new ConcurrentHashMap<>();
  private volatile Optional<Collection<JobTarget>> targets = Optional.empty();
  private volatile boolean suspended;
  private volatile JobCaller behaviour = (appspace, job) -> statuses.getOrDefault(appspace, 204);

  @SuppressWarnings("NullAway.Init") // set before each test
  private StateDatabase database;

  @SuppressWarnings("NullAway.Init") // set before each test
  private JobStore store;

  @SuppressWarnings("NullAway.Init") // set before each test
  private EventLog events;

  @SuppressWarnings("NullAway.Init") // set before each test
  private JobScheduler scheduler;

  private static AppJob job(String name, String schedule) {
    return new AppJob(name, schedule, "/jobs/" + name, MINUTE);
  }

  private static JobTarget target(String appspace, State state, AppJob... jobs) {
    return new JobTarget(
        appspace,
        appspace,
        state,
        state == State.SERVING ? List.of(jobs) : List.of(),
        JobSettings.DEFAULT);
  }

  @BeforeEach
  void open() {
    database = StateDatabase.open(folder.resolve("state.db"), clock);
    store = new JobStore(database, injected);
    events = new EventLog(database, clock);
    scheduler = scheduler(100);
  }

  private JobScheduler scheduler(int maxLive) {
    return new JobScheduler(
        store, () -> targets, () -> suspended, this::call, events, maxLive, injected);
  }

  @AfterEach
  void close() {
    scheduler.close();
    database.close();
  }

  /** Stops the server, and starts it again at another time. */
  private void restartAt(Instant time) {
    close();
    injected.set(time);
    open();
  }

  private int call(String appspace, AppJob job) throws JobFailedException, NoCapacityException {
    assertThat(current.add(appspace)).as("one run of each appspace at a time").isTrue();
    try {
      // Read before the call is counted, because a test that counts it may change the behaviour.
      JobCaller chosen = behaviour;
      calls.add(appspace + " " + job.name());
      return chosen.call(appspace, job);
    } finally {
      current.remove(appspace);
    }
  }

  private void serve(JobTarget... declared) {
    targets = Optional.of(List.of(declared));
    scheduler.sweep();
  }

  /** Advances the time, starts what is due, and waits for its end. */
  private void advance(Duration time) {
    injected.advance(time);
    settle();
  }

  private void settle() {
    scheduler.sweep();
    await().until(() -> scheduler.running() == 0);
  }

  private JobState state(String appspace, String job) {
    return store.find(new JobState.Key(appspace, job)).orElseThrow();
  }

  @Test
  void aJobRunsOnceAtEachOfItsTimes() {
    serve(target("garden", State.SERVING, HOURLY));
    for (int minute = 0; minute < 150; minute++) {
      advance(MINUTE);
    }
    assertThat(calls).containsExactly("garden hourly", "garden hourly");
    assertThat(state("garden", "hourly").message()).isEqualTo("succeeded with status 204");
    assertThat(scheduler.succeeded()).isEqualTo(2);
  }

  @Test
  void aJobStartsLessThanAMinuteAfterItsTimeAndNeverBefore() {
    serve(target("garden", State.SERVING, HOURLY));
    injected.set(FIRST_DUE.plus(DELAY).minusMillis(1));
    settle();
    assertThat(calls).isEmpty();
    injected.set(FIRST_DUE.plus(DELAY));
    settle();
    assertThat(calls).hasSize(1);
    assertThat(DELAY).isBetween(Duration.ZERO, JobTarget.LONGEST_DELAY);
  }

  @Test
  void aHundredAppspacesWithTheSameScheduleAreSpreadOverTheMinute() {
    JobTarget[] hundred =
        IntStream.range(0, 100)
            .mapToObj(i -> target("appspace-" + i, State.SERVING, HOURLY))
            .toArray(JobTarget[]::new);
    serve(hundred);
    List<Instant> times =
        store.all().stream().map(state -> state.next().orElseThrow()).sorted().toList();
    assertThat(times.getFirst()).isAfterOrEqualTo(FIRST_DUE);
    assertThat(times.getLast()).isBefore(FIRST_DUE.plus(MINUTE));
    Map<Long, Long> perFiveSeconds =
        times.stream()
            .collect(
                Collectors.groupingBy(
                    at -> Duration.between(FIRST_DUE, at).toSeconds() / 5, Collectors.counting()));
    assertThat(perFiveSeconds).hasSize(11);
    assertThat(perFiveSeconds.values()).allMatch(count -> count < 25);
    restartAt(START.plusSeconds(1));
    serve(hundred);
    assertThat(store.all().stream().map(state -> state.next().orElseThrow()).sorted())
        .as("the delay of an appspace is constant")
        .isEqualTo(times);
  }

  @Test
  void jobsMissedDuringDowntimeRunOnce() {
    serve(target("garden", State.SERVING, HOURLY));
    restartAt(START.plus(Duration.ofDays(3)));
    serve(target("garden", State.STARTING));
    advance(MINUTE);
    assertThat(calls).as("its version is not in service yet").isEmpty();
    serve(target("garden", State.SERVING, HOURLY));
    advance(MINUTE);
    advance(MINUTE);
    assertThat(calls).containsExactly("garden hourly");
  }

  @Test
  void aDateThatJumpsForwardRunsAJobOnceAndADateThatIsSetBackDoesNotDelayIt() {
    serve(target("garden", State.SERVING, HOURLY));
    advance(Duration.ofDays(10));
    assertThat(calls).as("after the jump").hasSize(1);
    advance(Duration.ofDays(-9));
    assertThat(calls).as("after the step back").hasSize(1);
    assertThat(state("garden", "hourly").next().orElseThrow())
        .isBetween(injected.instant(), injected.instant().plus(HOUR).plus(MINUTE));
    advance(HOUR.plus(MINUTE));
    assertThat(calls).as("an hour later").hasSize(2);
  }

  @Test
  void aDateThatWasSetBackDuringDowntimeDoesNotDelayAJob() {
    serve(target("garden", State.SERVING, HOURLY));
    advance(Duration.ofDays(10));
    restartAt(START.plus(Duration.ofDays(1)));
    serve(target("garden", State.SERVING, HOURLY));
    advance(HOUR.plus(MINUTE));
    assertThat(calls).hasSize(2);
  }

  @Test
  void aJobThatWasPlannedAtAWrongDateAndHasNotRunFollowsTheRightDate() {
    injected.set(START.plus(Duration.ofDays(365)));
    serve(target("garden", State.SERVING, HOURLY));
    scheduler.sweep();
    restartAt(START);
    serve(target("garden", State.SERVING, HOURLY));
    advance(HOUR.plus(MINUTE));
    assertThat(calls).hasSize(1);
  }

  @Test
  void noJobRunsTwiceBecauseOfASmallCorrectionOfTheDate() {
    serve(target("garden", State.SERVING, HOURLY));
    advance(HOUR);
    assertThat(calls).hasSize(1);
    advance(MINUTE.multipliedBy(-30));
    advance(MINUTE.multipliedBy(30));
    assertThat(calls).hasSize(1);
    advance(HOUR);
    assertThat(calls).hasSize(2);
  }

  @Test
  void aPlannedTimeStaysAfterASmallCorrectionOfTheDate() {
    serve(target("garden", State.SERVING, HOURLY));
    advance(HOUR.multipliedBy(-2));
    assertThat(state("garden", "hourly").next()).contains(FIRST_DUE.plus(DELAY));
  }

  @Test
  void aRunThatBeganAtALaterDateLeavesItsPlace() throws Exception {
    scheduler.close();
    scheduler = scheduler(1);
    CountDownLatch gate = new CountDownLatch(1);
    behaviour =
        (appspace, _) -> {
          awaitUninterruptibly(gate);
          return 204;
        };
    try {
      serve(target("garden", State.SERVING, HOURLY), target("kitchen", State.SERVING, HOURLY));
      injected.set(FIRST_DUE.plus(Duration.ofDays(10)));
      scheduler.sweep();
      await().until(() -> calls.size() == 1);
      injected.set(FIRST_DUE.minus(MINUTE));
      scheduler.sweep(); // plans the waiting job anew
      injected.set(FIRST_DUE.plus(MINUTE));
      scheduler.sweep();
      scheduler.sweep();
      await().untilAsserted(() -> assertThat(calls).hasSize(2));
    } finally {
      gate.countDown();
    }
  }

  private static void awaitUninterruptibly(CountDownLatch gate) {
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void jobsDueDuringAPauseAreSkipped() {
    serve(target("garden", State.SERVING, HOURLY));
    serve(target("garden", State.PAUSED));
    assertThat(state("garden", "hourly").next()).isEmpty();
    advance(Duration.ofHours(5));
    serve(target("garden", State.SERVING, HOURLY));
    advance(MINUTE);
    assertThat(calls).isEmpty();
    advance(HOUR);
    assertThat(calls).hasSize(1);
  }

  @Test
  void nothingRunsWhileTheServerIsSuspended() {
    serve(target("garden", State.SERVING, HOURLY));
    suspended = true;
    advance(Duration.ofHours(5));
    suspended = false;
    advance(MINUTE);
    assertThat(calls).isEmpty();
    advance(HOUR);
    assertThat(calls).hasSize(1);
  }

  @Test
  void aRecoveredServerRepeatsNoMissedJobs() {
    serve(target("garden", State.SERVING, HOURLY));
    JobStore.forgetDueTimes(database);
    restartAt(START.plus(Duration.ofDays(3)));
    serve(target("garden", State.SERVING, HOURLY));
    advance(MINUTE);
    assertThat(calls).isEmpty();
    advance(HOUR);
    assertThat(calls).hasSize(1);
  }

  @Test
  void aFailureIsRecordedUntilTheJobSucceeds() {
    statuses.put("garden", 500);
    serve(target("garden", State.SERVING, HOURLY));
    advance(HOUR.plus(MINUTE));
    advance(HOUR);
    Instant since = state("garden", "hourly").failingSince().orElseThrow();
    assertThat(since).isEqualTo(START.plus(HOUR).plus(MINUTE));
    assertThat(state("garden", "hourly").message()).isEqualTo("the app answered with status 500");
    assertThat(events.newest(10))
        .as("one event for each series of failures")
        .filteredOn(event -> event.reason().equals(AppspaceReason.JOB_FAILED.text()))
        .hasSize(1);
    restartAt(injected.instant());
    serve(target("garden", State.SERVING, HOURLY));
    assertThat(state("garden", "hourly").failingSince()).contains(since);
    statuses.put("garden", 200);
    advance(HOUR);
    assertThat(state("garden", "hourly").failingSince()).isEmpty();
  }

  @Test
  void anUnexpectedFailureAndRedirectionsCountAsFailures() {
    statuses.put("garden", 302);
    serve(target("garden", State.SERVING, HOURLY));
    advance(HOUR.plus(MINUTE));
    assertThat(state("garden", "hourly").message()).contains("302");
    behaviour =
        (appspace, job) -> {
          throw new IllegalStateException("a bug");
        };
    advance(HOUR);
    assertThat(state("garden", "hourly").message()).contains("a bug");
    assertThat(state("garden", "hourly").isRunning()).isFalse();
  }

  @Test
  void aRunWhoseEndCannotBeRecordedDoesNotStopLaterRuns() {
    serve(target("garden", State.SERVING, HOURLY));
    database.write(
        on ->
            on.execute(
                "CREATE TRIGGER full BEFORE UPDATE ON job WHEN NEW.finished_at IS NOT NULL"
                    + " BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"));
    advance(HOUR.plus(MINUTE));
    assertThat(calls).hasSize(1);
    database.write(on -> on.execute("DROP TRIGGER full"));
    advance(HOUR);
    assertThat(calls).hasSize(2);
    assertThat(state("garden", "hourly").message()).isEqualTo("succeeded with status 204");
  }

  @Test
  void aRunWithoutCapacityIsRepeatedAMinuteLater() {
    behaviour =
        (appspace, job) -> {
          throw new NoCapacityException("no room", new IllegalStateException());
        };
    serve(target("garden", State.SERVING, HOURLY));
    advance(HOUR.plus(MINUTE));
    assertThat(state("garden", "hourly").next()).contains(injected.instant().plus(MINUTE));
    behaviour = (appspace, job) -> 200;
    advance(MINUTE);
    assertThat(calls).hasSize(2);
    assertThat(state("garden", "hourly").failingSince()).isEmpty();
  }

  @Test
  void runsAreLimitedPerAppspaceAndInTotal() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    behaviour =
        (appspace, job) -> {
          try {
            release.await();
          } catch (InterruptedException e) {
            throw new JobFailedException("interrupted", e);
          }
          return 200;
        };
    AppJob second = job("second", "0 * * * *");
    serve(
        IntStream.range(0, JobScheduler.CONCURRENT_RUNS + 5)
            .mapToObj(i -> target("appspace-" + i, State.SERVING, HOURLY, second))
            .toArray(JobTarget[]::new));
    injected.set(START.plus(HOUR).plus(MINUTE));
    scheduler.sweep();
    scheduler.sweep();
    await().until(() -> calls.size() == JobScheduler.CONCURRENT_RUNS);
    assertThat(calls.stream().distinct()).hasSize(JobScheduler.CONCURRENT_RUNS);
    assertThat(scheduler.running()).isEqualTo(JobScheduler.CONCURRENT_RUNS);
    release.countDown();
    await()
        .until(
            () -> {
              scheduler.sweep();
              return calls.size() == 2 * (JobScheduler.CONCURRENT_RUNS + 5);
            });
  }

  /** The other half is for requests of visitors. */
  @Test
  void shortRunsTakeHalfOfTheSandboxesThatMayBeAwake() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    behaviour =
        (appspace, job) -> {
          try {
            release.await();
          } catch (InterruptedException e) {
            throw new JobFailedException("interrupted", e);
          }
          return 200;
        };
    scheduler.close();
    scheduler = scheduler(5);
    serve(
        IntStream.range(0, 8)
            .mapToObj(i -> target("appspace-" + i, State.SERVING, HOURLY))
            .toArray(JobTarget[]::new));
    injected.set(START.plus(HOUR).plus(MINUTE));
    scheduler.sweep();
    scheduler.sweep();
    await().until(() -> calls.size() == 2);
    assertThat(scheduler.running()).isEqualTo(2);
    release.countDown();
    await()
        .until(
            () -> {
              scheduler.sweep();
              return calls.size() == 8;
            });
  }

  @Test
  void longRunsDelayTheJobsOfOthersByAMinuteAtMost() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    behaviour =
        (appspace, job) -> {
          try {
            release.await();
          } catch (InterruptedException e) {
            throw new JobFailedException("interrupted", e);
          }
          return 200;
        };
    AppJob often = job("often", "* * * * *");
    int hostile = JobScheduler.CONCURRENT_RUNS;
    serve(
        IntStream.rangeClosed(0, hostile)
            .mapToObj(i -> target("appspace-" + i, State.SERVING, i == hostile ? HOURLY : often))
            .toArray(JobTarget[]::new));
    injected.set(FIRST_DUE.minus(MINUTE));
    scheduler.sweep();
    await().until(() -> calls.size() == hostile);
    injected.set(FIRST_DUE.minusSeconds(1));
    scheduler.sweep();
    behaviour = (appspace, job) -> 200;
    advanceTo(FIRST_DUE.plus(MINUTE));
    await().until(() -> calls.contains("appspace-" + hostile + " hourly"));
    assertThat(calls).as("no second run of an appspace beside its long one").hasSize(hostile + 1);
    await().until(() -> scheduler.running() == hostile);
    release.countDown();
    await().until(() -> scheduler.running() == 0);
  }

  private void advanceTo(Instant time) {
    injected.set(time);
    scheduler.sweep();
  }

  @Test
  void aJobThatIsDueDuringItsOwnRunRunsOnceAfterIt() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    behaviour =
        (appspace, job) -> {
          try {
            release.await();
          } catch (InterruptedException e) {
            throw new JobFailedException("interrupted", e);
          }
          return 200;
        };
    serve(target("garden", State.SERVING, HOURLY));
    injected.set(START.plus(HOUR).plus(MINUTE));
    scheduler.sweep();
    await().until(() -> calls.size() == 1);
    injected.set(START.plus(Duration.ofHours(5)));
    scheduler.sweep();
    release.countDown();
    await().until(() -> scheduler.running() == 0);
    settle();
    settle();
    assertThat(calls).hasSize(2);
  }

  @Test
  void aRunThatTheServersEndCutOffFailedAndIsNotRepeated() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    behaviour =
        (appspace, job) -> {
          try {
            never.await();
          } catch (InterruptedException e) {
            throw new JobFailedException("the server stopped", e);
          }
          return 200;
        };
    serve(target("garden", State.SERVING, HOURLY));
    injected.set(START.plus(HOUR).plus(MINUTE));
    scheduler.sweep();
    await().until(() -> calls.size() == 1);
    // A process that was killed has recorded the start only.
    JobStore afterKill = new JobStore(database, injected);
    JobState cutOff = afterKill.find(new JobState.Key("garden", "hourly")).orElseThrow();
    assertThat(cutOff.message()).isEqualTo("the server stopped during the run");
    assertThat(cutOff.isRunning()).isFalse();
    assertThat(cutOff.next().orElseThrow()).isAfter(injected.instant());
  }

  @Test
  void disabledJobsDoNotRunAndOverriddenSchedulesAndZonesApply() {
    Location location = new Location("garden.yaml", 1, 1);
    JobSettings settings =
        new JobSettings(
            ZoneId.of("Asia/Tokyo"),
            new TreeMap<>(
                Map.of(
                    "hourly",
                    new JobOverride(location, false, Optional.empty()),
                    "daily",
                    new JobOverride(location, true, Optional.of("0 6 * * *")))));
    AppJob daily = job("daily", "0 3 * * *");
    serve(new JobTarget("garden", "garden", State.SERVING, List.of(HOURLY, daily), settings));
    assertThat(state("garden", "hourly").next()).isEmpty();
    Instant sixInTokyo = Instant.parse("2026-11-25T21:00:00Z");
    assertThat(state("garden", "daily").next()).contains(sixInTokyo.plus(DELAY));
    assertThat(state("garden", "daily").plan()).isEqualTo("0 6 * * * Asia/Tokyo");
    serve(target("garden", State.SERVING, HOURLY, daily));
    assertThat(state("garden", "hourly").next()).isPresent();
    assertThat(state("garden", "daily").next())
        .contains(Instant.parse("2026-11-26T03:00:00Z").plus(DELAY));
  }

  @Test
  void jobsThatAreNoLongerDeclaredAreForgotten() {
    serve(target("garden", State.SERVING, HOURLY), target("diary", State.SERVING, HOURLY));
    serve(target("garden", State.SERVING, job("other", "0 * * * *")));
    assertThat(store.all())
        .extracting(JobState::key)
        .containsExactly(new JobState.Key("garden", "other"));
    targets = Optional.empty();
    scheduler.sweep();
    assertThat(store.all()).as("before the first revision, nothing is known").hasSize(1);
  }
}
