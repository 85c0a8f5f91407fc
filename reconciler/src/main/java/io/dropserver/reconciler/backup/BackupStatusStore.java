package io.dropserver.reconciler.backup;

import static io.dropserver.state.tables.Tables.BACKUP_STATE;

import io.dropserver.backup.engine.BackupReport;
import io.dropserver.backup.engine.Verification;
import io.dropserver.backup.restic.ResticRepository;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.condition.BackupReason;
import io.dropserver.state.condition.Reason;
import io.dropserver.state.tables.tables.records.BackupStateRecord;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Stores the results of backups. Reads are served from memory; the database preserves the results
 * across restarts. Thread-safe.
 */
public final class BackupStatusStore {
  /** Separates the repository from the appspace, whose names cannot contain it. */
  private static final String SEPARATOR = "/";

  private final StateDatabase database;
  private final Clock clock;
  private final String prefix;
  private final Map<String, BackupStatus> statuses = new ConcurrentHashMap<>();

  /**
   * The latest results for an appspace, the server or a maintenance job.
   *
   * @param goodAt when the newest successful backup was taken
   * @param verifiedOf when the newest verified backup was taken
   * @param verifiedAt when that backup was verified
   * @param verifiedBytes bytes that this verification read back
   * @param verifiedTotal bytes in that backup
   * @param part the last part of the repository that maintenance read; 0 if it read none
   * @param failure why the last attempt failed; empty if it succeeded
   */
  public record BackupStatus(
      Instant attemptedAt,
      Optional<Instant> goodAt,
      Optional<Instant> verifiedOf,
      Optional<Instant> verifiedAt,
      Optional<String> verifiedSnapshot,
      long verifiedBytes,
      long verifiedTotal,
      int part,
      long frozenMillis,
      long bytes,
      Optional<Failure> failure) {}

  /** The reason and message of a failure, as they appear in a condition. */
  public record Failure(BackupReason reason, String message) {

    /**
     * Reads a failure from the database. A reason that this release does not know becomes {@code
     * BackupFailed}.
     */
    static Failure read(String reason, @Nullable String message) {
      return new Failure(
          Reason.find(BackupReason.class, reason).orElse(BackupReason.BACKUP_FAILED),
          Optional.ofNullable(message).orElse(""));
    }
  }

  /**
   * @param repository the name of a further repository, which has results of its own; empty for the
   *     first one
   */
  public BackupStatusStore(StateDatabase database, Clock clock, Optional<String> repository) {
    this.database = database;
    this.clock = clock;
    this.prefix = repository.map(name -> name + SEPARATOR).orElse("");
    database
        .read(on -> on.selectFrom(BACKUP_STATE).fetch())
        .forEach(
            row -> {
              String name = row.getName();
              boolean own = prefix.isEmpty() ? !name.contains(SEPARATOR) : name.startsWith(prefix);
              if (own) {
                statuses.put(name.substring(prefix.length()), status(row));
              }
            });
  }

  public Optional<BackupStatus> find(String name) {
    return Optional.ofNullable(statuses.get(name));
  }

  /** Returns the results of appspaces, without those of the server and of maintenance. */
  public Map<String, BackupStatus> all() {
    return statuses.entrySet().stream()
        .filter(status -> !status.getKey().startsWith("("))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /** Returns the newest verified snapshot of each name. Retention never removes these snapshots. */
  public Set<String> verified() {
    return statuses.values().stream()
        .flatMap(backupStatus -> backupStatus.verifiedSnapshot().stream())
        .collect(Collectors.toSet());
  }

  void recordSuccess(String name, BackupReport report) {
    update(
        name,
        row -> {
          row.setAttemptedAt(clock.millis());
          row.setGoodAt(report.takenAt().toEpochMilli());
          row.setGoodSnapshot(report.snapshot());
          row.setFrozenMillis(report.frozenMillis());
          row.setTookMillis(report.tookMillis());
          row.setBytes(report.bytes());
          if (!isVerificationFailure(row)) {
            removeFailure(row);
          }
        });
  }

  /** Records that a maintenance job succeeded. */
  void recordRun(String name) {
    update(
        name,
        row -> {
          row.setAttemptedAt(clock.millis());
          removeFailure(row);
        });
  }

  /** Returns the part of the repository that maintenance reads next. */
  int nextPart(String name) {
    return find(name).map(BackupStatus::part).orElse(0) % ResticRepository.PARTS + 1;
  }

  /**
   * Records that maintenance read a part of the repository. After the last part, the whole
   * repository was read.
   *
   * @param bytes the size of the repository
   */
  void recordPart(String name, int part, long bytes) {
    update(
        name,
        row -> {
          row.setPart((long) part);
          row.setBytes(bytes);
          if (part == 1 || row.getVerifiedOf() == null) {
            row.setVerifiedOf(clock.millis());
          }
          if (part == ResticRepository.PARTS) {
            row.setVerifiedAt(clock.millis());
          }
        });
  }

  void verified(String name, String snapshot, Instant of, Verification verification) {
    update(
        name,
        row -> {
          row.setVerifiedOf(of.toEpochMilli());
          row.setVerifiedAt(clock.millis());
          row.setVerifiedSnapshot(snapshot);
          row.setVerifiedBytes(verification.bytes());
          row.setVerifiedTotal(verification.totalBytes());
          if (isVerificationFailure(row)) {
            removeFailure(row);
          }
        });
  }

  /** Clears a failure after an operator has verified the repository. */
  void clearFailure(String name) {
    if (find(name).flatMap(BackupStatus::failure).isPresent()) {
      update(name, BackupStatusStore::removeFailure);
    }
  }

  /** Discards the results of snapshots that were erased. */
  synchronized void discard(Set<String> snapshots) {
    for (String name : List.copyOf(statuses.keySet())) {
      Optional<BackupStateRecord> row =
          database.read(on -> on.fetchOptional(BACKUP_STATE, BACKUP_STATE.NAME.eq(prefix + name)));
      if (row.filter(each -> snapshots.contains(each.getGoodSnapshot())).isPresent()) {
        database.write(
            on -> on.deleteFrom(BACKUP_STATE).where(BACKUP_STATE.NAME.eq(prefix + name)).execute());
        statuses.remove(name);
      } else if (row.filter(each -> snapshots.contains(each.getVerifiedSnapshot())).isPresent()) {
        update(name, BackupStatusStore::removeVerification);
      }
    }
  }

  private static void removeVerification(BackupStateRecord row) {
    row.set(BACKUP_STATE.VERIFIED_OF, null);
    row.set(BACKUP_STATE.VERIFIED_AT, null);
    row.set(BACKUP_STATE.VERIFIED_SNAPSHOT, null);
  }

  void recordFailure(String name, BackupReason reason, String message) {
    update(
        name,
        row -> {
          row.setAttemptedAt(clock.millis());
          row.setReason(reason.text());
          row.setMessage(message);
        });
  }

  /**
   * Returns whether a verification failed. Such a failure is reported until a verification
   * succeeds, because later backups build on the damaged data.
   */
  private static boolean isVerificationFailure(BackupStateRecord row) {
    return BackupReason.NOT_VERIFIED.text().equals(row.getReason());
  }

  private static void removeFailure(BackupStateRecord row) {
    row.set(BACKUP_STATE.REASON, null);
    row.set(BACKUP_STATE.MESSAGE, null);
  }

  private synchronized void update(String name, Consumer<BackupStateRecord> change) {
    BackupStatus changed =
        database.writeReturning(
            on -> {
              BackupStateRecord row =
                  on.fetchOptional(BACKUP_STATE, BACKUP_STATE.NAME.eq(prefix + name))
                      .orElseGet(() -> fresh(on, prefix + name));
              change.accept(row);
              row.store();
              return status(row);
            });
    statuses.put(name, changed);
  }

  /** Returns a row without results, which is not stored yet. */
  private static BackupStateRecord fresh(DSLContext on, String name) {
    BackupStateRecord row = on.newRecord(BACKUP_STATE);
    row.setName(name);
    row.setAttemptedAt(0L);
    row.setFrozenMillis(0L);
    row.setTookMillis(0L);
    row.setBytes(0L);
    return row;
  }

  private static BackupStatus status(BackupStateRecord row) {
    return new BackupStatus(
        Instant.ofEpochMilli(row.getAttemptedAt()),
        Optional.ofNullable(row.getGoodAt()).map(Instant::ofEpochMilli),
        Optional.ofNullable(row.getVerifiedOf()).map(Instant::ofEpochMilli),
        Optional.ofNullable(row.getVerifiedAt()).map(Instant::ofEpochMilli),
        Optional.ofNullable(row.getVerifiedSnapshot()),
        Optional.ofNullable(row.getVerifiedBytes()).orElse(0L),
        Optional.ofNullable(row.getVerifiedTotal()).orElse(0L),
        Math.toIntExact(Optional.ofNullable(row.getPart()).orElse(0L)),
        row.getFrozenMillis(),
        row.getBytes(),
        Optional.ofNullable(row.getReason()).map(reason -> Failure.read(reason, row.getMessage())));
  }
}
