package io.dropserver.reconciler.backup;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.ProgressListener;
import io.dropserver.backup.engine.BackupEngine;
import io.dropserver.backup.restic.ResticSnapshot;
import io.dropserver.backup.schedule.CronScheduler;
import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.BackupPolicy;
import io.dropserver.schema.instance.Instance;
import io.dropserver.state.condition.BackupReason;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Schedules backups of appspaces and of the server, last backups before deletions, verification,
 * and maintenance of the repository. Thread-safe.
 */
public final class BackupScheduler implements AutoCloseable {
  static final String VERIFY = "(verify)";
  static final String UPKEEP = "(upkeep)";
  private static final String DELETE = "(delete) ";
  private static final BackupPolicy DAILY =
      new BackupPolicy("30 4 * * *", ZoneOffset.UTC, BackupPolicy.DEFAULT.keep());
  private static final BackupPolicy WEEKLY =
      new BackupPolicy("30 5 * * 0", ZoneOffset.UTC, BackupPolicy.DEFAULT.keep());

  private final BackupRuns runs;
  private final BackupEngine backupEngine;
  private final BackupStatusStore statusStore;
  private final Optional<DataDeleter> dataDeleter;
  private final UnaryOperator<BackupPolicy> schedules;
  private final DeletionStore deletionStore;
  private final Clock clock;
  private final Duration jitter;
  private final CronScheduler schedule;
  private final RepositoryJobs work;
  private volatile Map<String, BackupPolicy> policies = Map.of();
  private volatile Optional<Instance> declared = Optional.empty();

  /**
   * Delays of scheduled work.
   *
   * @param jitter the time over which the starts of simultaneously due work are spread
   * @param firstRetry delay after the first failure; doubles after each further one
   */
  public record Pace(Duration jitter, Duration firstRetry) {
    public static final Pace DEFAULT = new Pace(Duration.ofMinutes(5), Duration.ofMinutes(10));
  }

  /**
   * @param dataDeleter makes last backups before deletions; empty for a further repository
   * @param schedules returns the policy that applies in this repository
   */
  public BackupScheduler(
      BackupRuns runs,
      BackupEngine backupEngine,
      BackupStatusStore statusStore,
      Optional<DataDeleter> dataDeleter,
      UnaryOperator<BackupPolicy> schedules,
      DeletionStore deletionStore,
      Clock clock,
      Pace pace) {
    this.runs = runs;
    this.backupEngine = backupEngine;
    this.statusStore = statusStore;
    this.dataDeleter = dataDeleter;
    this.schedules = schedules;
    this.deletionStore = deletionStore;
    this.clock = clock;
    this.jitter = pace.jitter();
    this.schedule = new CronScheduler(this::due, clock);
    this.work = new RepositoryJobs(pace.firstRetry());
  }

  /** Sets the policies of a served revision. {@link #schedule} must follow. */
  public void declare(Instance instance) {
    Map<String, BackupPolicy> wanted = new HashMap<>();
    instance
        .appspaces()
        .values()
        .forEach(each -> wanted.put(each.name(), schedules.apply(each.backup())));
    wanted.put(BackupRuns.SERVER, schedules.apply(instance.settings().defaultBackup()));
    wanted.put(VERIFY, DAILY);
    wanted.put(UPKEEP, WEEKLY);
    declared = Optional.of(instance);
    policies = Map.copyOf(wanted);
  }

  /**
   * Schedules backups according to the policies, and continues pending deletions. Takes
   * milliseconds for each hundred appspaces, so a server that starts does this after it serves.
   */
  public synchronized void schedule() {
    schedule.declare(
        policies.entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, each -> each.getValue().times())),
        this::lastRun);
    dataDeleter.ifPresent(_ -> deletionStore.pending().forEach(each -> delete(each.dataId())));
  }

  /**
   * Returns the time from which the next backup is scheduled: the last attempt or, if that failed,
   * the last success. So a failed backup is due again after a restart.
   */
  private Optional<Instant> lastRun(String name) {
    return statusStore
        .find(name)
        .map(
            backupStatus ->
                backupStatus.failure().isPresent()
                    ? backupStatus.goodAt().orElse(Instant.EPOCH)
                    : backupStatus.attemptedAt());
  }

  /**
   * Starts a pending deletion in the first repository: makes the last backup, then deletes the
   * data.
   */
  void delete(String dataId) {
    work.beginAgain(
        DELETE + dataId,
        () -> dataDeleter.orElseThrow().carryOut(dataId),
        () -> deletionStore.pending(dataId).isPresent());
  }

  /** Retries failed work immediately, because its cause may be fixed. */
  public void retry() {
    work.retry();
  }

  /** Returns when the next backup is due; empty for a name that is not declared. */
  public Optional<Instant> next(String name) {
    return Optional.ofNullable(policies.get(name))
        .flatMap(policy -> policy.times().next(clock.instant()));
  }

  /** Returns the time between the next two due backups. */
  Duration interval(String name) {
    return Optional.ofNullable(policies.get(name)).map(this::interval).orElse(Duration.ZERO);
  }

  private Duration interval(BackupPolicy policy) {
    return policy.times().interval(clock.instant());
  }

  /**
   * Returns until when retention keeps a backup of now at most, if backups continue as scheduled;
   * empty for a name that is not declared.
   */
  Optional<Instant> keptUntil(String name, Instant now) {
    return Optional.ofNullable(policies.get(name))
        .map(policy -> now.plus(policy.keep().longest(interval(policy))));
  }

  private void due(String name) {
    work.begin(name, startDelay(name), () -> run(name), () -> policies.containsKey(name));
  }

  /**
   * Returns the jitter for a name. It is constant for each name, so that the intervals between
   * backups match the policy.
   */
  private Duration startDelay(String name) {
    long millis = jitter.toMillis();
    return Duration.ofMillis(millis == 0 ? 0 : Math.floorMod(name.hashCode() * 31L, millis));
  }

  private void run(String name) {
    switch (name) {
      case VERIFY -> verifyNewest();
      case UPKEEP -> upkeep();
      default -> backUp(name);
    }
  }

  private void backUp(String name) {
    BackupPolicy policy = policies.get(name);
    if (policy == null) {
      return;
    }
    runs.backUp(name, ProgressListener.NONE);
    Optional<Appspace> appspace = declared.flatMap(instance -> instance.appspace(name));
    if (appspace.isPresent()) {
      String app = appspace.get().app().name();
      backupEngine.expire(
          name, app, appspace.get().owner(), policy.keep(), protectedSnapshots(), versions(app));
    } else {
      backupEngine.expireServer(policy.keep(), protectedSnapshots());
    }
  }

  /**
   * Returns the snapshots that retention must keep: verified ones, and the last backups of deleted
   * data.
   */
  private Set<String> protectedSnapshots() {
    return Stream.of(statusStore.verified(), deletionStore.snapshots())
        .flatMap(Set::stream)
        .collect(Collectors.toSet());
  }

  /**
   * Returns the app's declared versions. Retention keeps backups of each of them, because an
   * appspace may go back to it.
   */
  private Set<String> versions(String app) {
    return declared.flatMap(instance -> Optional.ofNullable(instance.apps().get(app))).stream()
        .flatMap(each -> each.versions().stream())
        .map(App.AppVersion::version)
        .collect(Collectors.toSet());
  }

  /**
   * Verifies a sample of each newest backup that is not verified yet. A failure does not prevent
   * the other verifications.
   */
  private void verifyNewest() {
    Optional<BackupException> failed = Optional.empty();
    for (ResticSnapshot resticSnapshot : runs.newest()) {
      String name = BackupRuns.nameOf(resticSnapshot);
      boolean known =
          statusStore
              .find(name)
              .flatMap(BackupStatusStore.BackupStatus::verifiedSnapshot)
              .equals(Optional.of(resticSnapshot.id()));
      if (!known && policies.containsKey(name)) {
        try {
          runs.verify(resticSnapshot, false, ProgressListener.NONE);
        } catch (BackupException e) {
          failed = Optional.of(e);
          if (e.reason() == BackupReason.INTERRUPTED) {
            throw e;
          }
        }
      }
    }
    if (failed.isPresent()) {
      throw failed.get();
    }
    statusStore.recordRun(VERIFY);
  }

  /**
   * Prunes and checks the repository, and reads the next part of it. A part that is damaged is read
   * again until it is repaired.
   */
  private void upkeep() {
    runs.maintain(
        () -> {
          backupEngine.open();
          backupEngine.repository().prune();
          int part = statusStore.nextPart(UPKEEP);
          backupEngine.repository().checkPart(part);
          statusStore.recordPart(UPKEEP, part, backupEngine.repository().bytes());
        });
    statusStore.recordRun(UPKEEP);
  }

  /** Interrupts running work and waits for it. The repository stays consistent. */
  @Override
  public void close() {
    schedule.close();
    work.close();
  }
}
