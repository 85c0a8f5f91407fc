package io.dropserver.reconciler.backup;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.Progress;
import io.dropserver.backup.engine.Backups;
import io.dropserver.backup.restic.Snapshot;
import io.dropserver.backup.schedule.BackupClock;
import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.BackupPolicy;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.status.BackupReason;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Schedules backups of appspaces and of the server itself, last backups before deletions,
 * verification, and maintenance of the repository. Thread-safe.
 */
public final class BackupPlan implements AutoCloseable {
  static final String VERIFY = "(verify)";
  static final String UPKEEP = "(upkeep)";
  private static final String DELETE = "(delete) ";
  private static final BackupPolicy DAILY =
      new BackupPolicy("30 4 * * *", ZoneOffset.UTC, BackupPolicy.DEFAULT.keep());
  private static final BackupPolicy WEEKLY =
      new BackupPolicy("30 5 * * 0", ZoneOffset.UTC, BackupPolicy.DEFAULT.keep());

  /** Part of the repository's data that each check reads. */
  private static final String SUBSET = "5%";

  private final BackupRuns runs;
  private final Backups backups;
  private final BackupBook book;
  private final Deletions deletions;
  private final DeletionBook deletionBook;
  private final Duration jitter;
  private final BackupClock times;
  private final RepositoryWork work;
  private volatile Map<String, BackupPolicy> policies = Map.of();
  private volatile Optional<Instance> declared = Optional.empty();

  /**
   * Delays of scheduled work.
   *
   * @param jitter work that is due at the same instant starts spread over this time
   * @param firstRetry delay after the first failure; doubled after each further one
   */
  public record Pace(Duration jitter, Duration firstRetry) {}

  public BackupPlan(
      BackupRuns runs,
      Backups backups,
      BackupBook book,
      Deletions deletions,
      DeletionBook deletionBook,
      Clock clock,
      Pace pace) {
    this.runs = runs;
    this.backups = backups;
    this.book = book;
    this.deletions = deletions;
    this.deletionBook = deletionBook;
    this.jitter = pace.jitter();
    this.times = new BackupClock(this::due, clock);
    this.work = new RepositoryWork(pace.firstRetry());
  }

  /** Applies a served revision: its appspaces and their policies. */
  public void declare(Instance instance) {
    Map<String, BackupPolicy> wanted = new TreeMap<>();
    instance.appspaces().values().forEach(each -> wanted.put(each.name(), each.backup()));
    wanted.put(BackupRuns.SERVER, instance.settings().defaultBackup());
    declared = Optional.of(instance);
    policies = Map.copyOf(wanted);
    Map<String, BackupPolicy> all = new HashMap<>(wanted);
    all.put(VERIFY, DAILY);
    all.put(UPKEEP, WEEKLY);
    times.declare(all, this::lastRun);
    deletionBook.pending().forEach(each -> delete(each.dataId()));
  }

  /** After a failure, the last success counts, so that the backup is due again after a restart. */
  private Optional<Instant> lastRun(String name) {
    return book.find(name)
        .map(page -> page.failure().isPresent() ? page.lastSuccess() : page.attemptedAt());
  }

  /** Backs up and then deletes data that waits for its last backup. */
  void delete(String dataId) {
    work.beginAgain(
        DELETE + dataId,
        () -> deletions.carryOut(dataId),
        () -> deletionBook.pending(dataId).isPresent());
  }

  /** Retries failed work at once, after a person has fixed something. */
  public void retry() {
    work.retry();
  }

  /** When the next backup is due; empty for a name that is not declared. */
  public Optional<Instant> next(String name) {
    return times.next(name);
  }

  /** The time between the next two due backups. */
  Duration interval(String name) {
    return times.interval(name);
  }

  private void due(String name) {
    work.begin(name, wait(name), () -> run(name), () -> isWanted(name));
  }

  private boolean isWanted(String name) {
    return name.equals(VERIFY) || name.equals(UPKEEP) || policies.containsKey(name);
  }

  /**
   * The delay depends only on the name, so the backups of an appspace are as far apart as its
   * policy demands.
   */
  private Duration wait(String name) {
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
    runs.backUp(name, Progress.SILENT);
    Optional<Appspace> appspace =
        declared.flatMap(instance -> Optional.ofNullable(instance.appspaces().get(name)));
    if (appspace.isPresent()) {
      String app = appspace.get().app().name();
      backups.expire(name, app, appspace.get().owner(), policy.keep(), sacred(), versions(app));
    } else {
      backups.expireServer(policy.keep(), sacred());
    }
  }

  /** Snapshots that no policy may remove: verified ones, and the last backups of deleted data. */
  private Set<String> sacred() {
    return Stream.of(book.verified(), deletionBook.snapshots())
        .flatMap(Set::stream)
        .collect(Collectors.toSet());
  }

  /** The versions that the app still offers, because people may go back to each of them. */
  private Set<String> versions(String app) {
    return declared.flatMap(instance -> Optional.ofNullable(instance.apps().get(app))).stream()
        .flatMap(each -> each.versions().stream())
        .map(App.Version::version)
        .collect(Collectors.toSet());
  }

  /**
   * Verifies a sample of each newest backup that is not verified yet. A failure does not stop the
   * others.
   */
  private void verifyNewest() {
    Optional<BackupException> failed = Optional.empty();
    for (Snapshot snapshot : newest()) {
      String name = BackupRuns.nameOf(snapshot);
      boolean known =
          book.find(name)
              .flatMap(BackupBook.Page::verifiedSnapshot)
              .equals(Optional.of(snapshot.id()));
      if (!known && policies.containsKey(name)) {
        try {
          runs.verify(snapshot, Progress.SILENT);
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
    book.ran(VERIFY);
  }

  private List<Snapshot> newest() {
    Set<String> seen = new HashSet<>();
    return backups.list().stream()
        .filter(snapshot -> seen.add(BackupRuns.nameOf(snapshot)))
        .toList();
  }

  private void upkeep() {
    try {
      backups.open();
      backups.repository().prune();
      backups.repository().check(Optional.of(SUBSET));
      book.ran(UPKEEP);
    } catch (BackupException e) {
      if (e.reason() != BackupReason.INTERRUPTED) {
        book.failed(UPKEEP, e.reason(), String.valueOf(e.getMessage()));
      }
      throw e;
    }
  }

  /** Interrupts running work. The repository is consistent at any instant. */
  @Override
  public void close() {
    times.close();
    work.close();
  }
}
