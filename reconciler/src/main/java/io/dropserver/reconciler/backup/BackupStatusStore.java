package io.dropserver.reconciler.backup;

import static io.dropserver.schema.state.tables.Tables.BACKUP_STATE;

import io.dropserver.backup.engine.BackupReport;
import io.dropserver.schema.state.StateDatabase;
import io.dropserver.schema.state.tables.tables.records.BackupStateRecord;
import io.dropserver.schema.status.BackupReason;
import io.dropserver.schema.status.Reason;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Stores the results of backups. Reads are served from memory; the database preserves the results
 * across restarts. Thread-safe.
 */
public final class BackupStatusStore {
  private final StateDatabase database;
  private final Clock clock;
  private final Map<String, BackupStatus> statuses = new ConcurrentHashMap<>();

  /**
   * The latest results for an appspace, the server or a maintenance job.
   *
   * @param goodAt when the newest successful backup was taken
   * @param verifiedOf when the newest verified backup was taken
   * @param verifiedAt when that backup was verified
   * @param failure why the last attempt failed; empty if it succeeded
   */
  public record BackupStatus(
      Instant attemptedAt,
      Optional<Instant> goodAt,
      Optional<String> snapshot,
      Optional<Instant> verifiedOf,
      Optional<Instant> verifiedAt,
      Optional<String> verifiedSnapshot,
      long frozenMillis,
      long tookMillis,
      long bytes,
      Optional<Failure> failure) {
    /** Returns when the newest successful backup was taken; the epoch if there is none. */
    Instant lastSuccess() {
      return goodAt.orElse(Instant.EPOCH);
    }

    BackupStatus withoutFailure() {
      return new BackupStatus(
          attemptedAt,
          goodAt,
          snapshot,
          verifiedOf,
          verifiedAt,
          verifiedSnapshot,
          frozenMillis,
          tookMillis,
          bytes,
          Optional.empty());
    }

    static final BackupStatus NONE =
        new BackupStatus(
            Instant.EPOCH,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            0,
            0,
            0,
            Optional.empty());
  }

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

  public BackupStatusStore(StateDatabase database, Clock clock) {
    this.database = database;
    this.clock = clock;
    database
        .read(on -> on.selectFrom(BACKUP_STATE).fetch())
        .forEach(row -> statuses.put(row.getName(), page(row)));
  }

  public Optional<BackupStatus> find(String name) {
    return Optional.ofNullable(statuses.get(name));
  }

  /** Returns the results of appspaces, without those of the server and of maintenance. */
  public Map<String, BackupStatus> all() {
    return statuses.entrySet().stream()
        .filter(page -> !page.getKey().startsWith("("))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /** Returns the newest verified snapshot of each name. Retention never removes these snapshots. */
  public Set<String> verified() {
    return statuses.values().stream()
        .flatMap(backupStatus -> backupStatus.verifiedSnapshot().stream())
        .collect(Collectors.toSet());
  }

  /**
   * Returns whether a verification failed. Such a failure is reported until a verification
   * succeeds, because later backups build on the damaged data.
   */
  private static boolean isVerificationFailure(Failure failure) {
    return failure.reason() == BackupReason.NOT_VERIFIED;
  }

  void recordSuccess(String name, BackupReport report) {
    BackupStatus before = statuses.getOrDefault(name, BackupStatus.NONE);
    write(
        name,
        new BackupStatus(
            now(),
            Optional.of(report.takenAt()),
            Optional.of(report.snapshot()),
            before.verifiedOf(),
            before.verifiedAt(),
            before.verifiedSnapshot(),
            report.frozenMillis(),
            report.tookMillis(),
            report.bytes(),
            before.failure().filter(BackupStatusStore::isVerificationFailure)));
  }

  /** Records that a maintenance job succeeded. */
  void recordRun(String name) {
    BackupStatus before = statuses.getOrDefault(name, BackupStatus.NONE);
    write(
        name,
        new BackupStatus(
            now(),
            before.goodAt(),
            before.snapshot(),
            before.verifiedOf(),
            before.verifiedAt(),
            before.verifiedSnapshot(),
            0,
            0,
            0,
            Optional.empty()));
  }

  void verified(String name, String snapshot, Instant of) {
    BackupStatus before = statuses.getOrDefault(name, BackupStatus.NONE);
    write(
        name,
        new BackupStatus(
            before.attemptedAt(),
            before.goodAt(),
            before.snapshot(),
            Optional.of(of),
            Optional.of(now()),
            Optional.of(snapshot),
            before.frozenMillis(),
            before.tookMillis(),
            before.bytes(),
            before.failure().filter(failure -> !isVerificationFailure(failure))));
  }

  /** Clears a failure after an operator has verified the repository. */
  void clearFailure(String name) {
    find(name)
        .filter(backupStatus -> backupStatus.failure().isPresent())
        .ifPresent(backupStatus -> write(name, backupStatus.withoutFailure()));
  }

  void recordFailure(String name, BackupReason reason, String message) {
    BackupStatus before = statuses.getOrDefault(name, BackupStatus.NONE);
    write(
        name,
        new BackupStatus(
            now(),
            before.goodAt(),
            before.snapshot(),
            before.verifiedOf(),
            before.verifiedAt(),
            before.verifiedSnapshot(),
            before.frozenMillis(),
            before.tookMillis(),
            before.bytes(),
            Optional.of(new Failure(reason, message))));
  }

  /** Returns the current time, rounded to milliseconds like the times in the database. */
  private Instant now() {
    return Instant.ofEpochMilli(clock.millis());
  }

  private synchronized void write(String name, BackupStatus backupStatus) {
    BackupStateRecord row = new BackupStateRecord();
    row.setName(name);
    row.setAttemptedAt(backupStatus.attemptedAt().toEpochMilli());
    row.set(BACKUP_STATE.GOOD_AT, backupStatus.goodAt().map(Instant::toEpochMilli).orElse(null));
    row.set(BACKUP_STATE.GOOD_SNAPSHOT, backupStatus.snapshot().orElse(null));
    row.set(
        BACKUP_STATE.VERIFIED_AT,
        backupStatus.verifiedAt().map(Instant::toEpochMilli).orElse(null));
    row.set(
        BACKUP_STATE.VERIFIED_OF,
        backupStatus.verifiedOf().map(Instant::toEpochMilli).orElse(null));
    row.set(BACKUP_STATE.VERIFIED_SNAPSHOT, backupStatus.verifiedSnapshot().orElse(null));
    row.setFrozenMillis(backupStatus.frozenMillis());
    row.setTookMillis(backupStatus.tookMillis());
    row.setBytes(backupStatus.bytes());
    row.set(
        BACKUP_STATE.REASON, backupStatus.failure().map(why -> why.reason().text()).orElse(null));
    row.set(BACKUP_STATE.MESSAGE, backupStatus.failure().map(Failure::message).orElse(null));
    database.write(
        on -> on.insertInto(BACKUP_STATE).set(row).onDuplicateKeyUpdate().set(row).execute());
    statuses.put(name, backupStatus);
  }

  private static BackupStatus page(BackupStateRecord row) {
    return new BackupStatus(
        Instant.ofEpochMilli(row.getAttemptedAt()),
        Optional.ofNullable(row.getGoodAt()).map(Instant::ofEpochMilli),
        Optional.ofNullable(row.getGoodSnapshot()),
        Optional.ofNullable(row.getVerifiedOf()).map(Instant::ofEpochMilli),
        Optional.ofNullable(row.getVerifiedAt()).map(Instant::ofEpochMilli),
        Optional.ofNullable(row.getVerifiedSnapshot()),
        row.getFrozenMillis(),
        row.getTookMillis(),
        row.getBytes(),
        Optional.ofNullable(row.getReason()).map(reason -> Failure.read(reason, row.getMessage())));
  }
}
