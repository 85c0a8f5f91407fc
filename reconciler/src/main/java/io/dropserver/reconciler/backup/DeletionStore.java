package io.dropserver.reconciler.backup;

import static io.dropserver.state.tables.Tables.DATA_DELETION;

import io.dropserver.backup.BackupException;
import io.dropserver.reconciler.backup.BackupStatusStore.Failure;
import io.dropserver.reconciler.backup.Deletion.Declared;
import io.dropserver.reconciler.backup.Deletion.Last;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.condition.BackupReason;
import io.dropserver.state.tables.tables.records.DataDeletionRecord;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/**
 * Stores pending and completed deletions. Reads are served from memory; the database preserves them
 * across restarts. Changes are durable when a method returns. Thread-safe.
 */
public final class DeletionStore {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final StateDatabase database;
  private final Clock clock;
  private final Map<String, Deletion> all = new ConcurrentHashMap<>();

  public DeletionStore(StateDatabase database, Clock clock) {
    this.database = database;
    this.clock = Clock.tick(clock, Duration.ofMillis(1)); // the precision of the database
    database
        .read(on -> on.selectFrom(DATA_DELETION).fetch())
        .forEach(row -> all.put(row.getDataId(), deletion(row)));
  }

  /** Returns pending deletions in the order in which their appspaces were removed. */
  List<Deletion> pending() {
    return all.values().stream()
        .filter(each -> each.deletedAt().isEmpty())
        .sorted(Comparator.comparing(Deletion::retainedAt).thenComparing(Deletion::dataId))
        .toList();
  }

  Optional<Deletion> pending(String dataId) {
    return Optional.ofNullable(all.get(dataId)).filter(each -> each.deletedAt().isEmpty());
  }

  /** Returns the newest completed deletion for an appspace name, app and owner. */
  Optional<Deletion> deleted(String appspace, String app, String owner) {
    return all.values().stream()
        .filter(each -> each.deletedAt().isPresent())
        .filter(
            each ->
                each.appspace().equals(appspace)
                    && each.app().equals(app)
                    && each.owner().equals(owner))
        .max(Comparator.comparing(Deletion::retainedAt));
  }

  /**
   * Returns the last backups of all deletions. Retention must keep them while their deletions are
   * recorded.
   */
  Set<String> snapshots() {
    return all.values().stream()
        .flatMap(each -> each.lastBackup().stream())
        .map(Last::snapshot)
        .collect(Collectors.toSet());
  }

  void recordRequest(String dataId, String appspace, Instant retainedAt, Declared declared) {
    write(
        new Deletion(
            dataId,
            appspace,
            retainedAt,
            declared,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty()));
  }

  /** Records a last backup that was not read back yet. */
  Deletion backedUp(Deletion deletion, Last last) {
    return step(deletion, Optional.of(last), Optional.empty(), Optional.empty());
  }

  /**
   * Discards the record of a last backup that is missing or damaged, so that another one is made.
   */
  void clearLastBackup(Deletion deletion) {
    step(deletion, Optional.empty(), Optional.empty(), Optional.empty());
  }

  Deletion proven(Deletion deletion) {
    return step(deletion, deletion.lastBackup(), Optional.of(clock.instant()), Optional.empty());
  }

  void deleted(Deletion deletion) {
    step(deletion, deletion.lastBackup(), deletion.provenAt(), Optional.of(clock.instant()));
  }

  /** Records why a deletion is still pending. */
  void recordFailure(Deletion deletion, Failure failure) {
    current(deletion)
        .map(
            now ->
                now.with(now.lastBackup(), now.provenAt(), now.deletedAt(), Optional.of(failure)))
        .ifPresent(this::write);
  }

  /**
   * Removes a deletion, because the data is in use again or must be kept. Does nothing if a newer
   * deletion of the data is recorded.
   */
  void forget(Deletion deletion) {
    current(deletion).map(Deletion::dataId).ifPresent(this::remove);
  }

  /**
   * Removes the record of a completed deletion.
   *
   * @return whether there was such a record
   */
  boolean forgetDeleted(String dataId) {
    boolean there = Optional.ofNullable(all.get(dataId)).flatMap(Deletion::deletedAt).isPresent();
    if (there) {
      remove(dataId);
    }
    return there;
  }

  /** Removes a deletion that must not happen anymore, whatever its state. */
  void cancel(String dataId) {
    if (all.containsKey(dataId)) {
      remove(dataId);
    }
  }

  /** Removes the deletions whose last backup was restored or erased. */
  public void forgetLastBackup(String snapshot) {
    all.values().stream()
        .filter(each -> each.lastBackup().map(Last::snapshot).equals(Optional.of(snapshot)))
        .map(Deletion::dataId)
        .toList()
        .forEach(this::remove);
  }

  private Deletion step(
      Deletion before, Optional<Last> last, Optional<Instant> proven, Optional<Instant> deleted) {
    if (current(before).isEmpty()) {
      throw new BackupException(
          BackupReason.INTERRUPTED,
          before.appspace() + " was declared again before its data was deleted");
    }
    return write(before.with(last, proven, deleted, Optional.empty()));
  }

  /** Returns the newest step of a deletion; empty if another deletion of the data replaced it. */
  private Optional<Deletion> current(Deletion deletion) {
    return Optional.ofNullable(all.get(deletion.dataId()))
        .filter(now -> now.retainedAt().equals(deletion.retainedAt()));
  }

  private synchronized void remove(String dataId) {
    database.write(
        on -> on.deleteFrom(DATA_DELETION).where(DATA_DELETION.DATA_ID.eq(dataId)).execute());
    all.remove(dataId);
  }

  private synchronized Deletion write(Deletion deletion) {
    DataDeletionRecord row = new DataDeletionRecord();
    row.setDataId(deletion.dataId());
    row.setAppspace(deletion.appspace());
    row.setApp(deletion.app());
    row.setOwner(deletion.owner());
    row.setRetainedAt(deletion.retainedAt().toEpochMilli());
    row.setDeclared(JSON.writeValueAsString(deletion.declared()));
    row.set(DATA_DELETION.SNAPSHOT, deletion.lastBackup().map(Last::snapshot).orElse(null));
    row.set(
        DATA_DELETION.TAKEN_AT,
        deletion.lastBackup().map(Last::takenAt).map(Instant::toEpochMilli).orElse(null));
    row.set(DATA_DELETION.PROVEN_AT, deletion.provenAt().map(Instant::toEpochMilli).orElse(null));
    row.set(DATA_DELETION.DELETED_AT, deletion.deletedAt().map(Instant::toEpochMilli).orElse(null));
    row.set(DATA_DELETION.REASON, deletion.failure().map(why -> why.reason().text()).orElse(null));
    row.set(DATA_DELETION.MESSAGE, deletion.failure().map(Failure::message).orElse(null));
    database.write(
        on -> on.insertInto(DATA_DELETION).set(row).onDuplicateKeyUpdate().set(row).execute());
    all.put(deletion.dataId(), deletion);
    return deletion;
  }

  private static Deletion deletion(DataDeletionRecord row) {
    return new Deletion(
        row.getDataId(),
        row.getAppspace(),
        Instant.ofEpochMilli(row.getRetainedAt()),
        JSON.readValue(row.getDeclared(), Declared.class),
        Optional.ofNullable(row.getSnapshot())
            .map(
                snapshot ->
                    new Last(
                        snapshot,
                        Instant.ofEpochMilli(Optional.ofNullable(row.getTakenAt()).orElse(0L)))),
        Optional.ofNullable(row.getProvenAt()).map(Instant::ofEpochMilli),
        Optional.ofNullable(row.getDeletedAt()).map(Instant::ofEpochMilli),
        Optional.ofNullable(row.getReason()).map(reason -> Failure.read(reason, row.getMessage())));
  }
}
