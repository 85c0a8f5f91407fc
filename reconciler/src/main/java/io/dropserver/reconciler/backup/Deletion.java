package io.dropserver.reconciler.backup;

import io.dropserver.backup.engine.BackupSource;
import io.dropserver.state.DataFolder;
import java.time.Instant;
import java.util.Optional;

/**
 * A pending or completed deletion of data of an appspace that was removed with {@code deletion:
 * delete-after-backup}.
 *
 * @param retainedAt identifies the retention; if the data was in use again and is retained since
 *     another time, this deletion does not apply to it
 * @param provenAt when the last backup was read back completely
 * @param deletedAt when the data was deleted
 * @param failure why the deletion is still pending
 */
record Deletion(
    String dataId,
    String appspace,
    Instant retainedAt,
    Declared declared,
    Optional<Last> lastBackup,
    Optional<Instant> provenAt,
    Optional<Instant> deletedAt,
    Optional<BackupStatusStore.Failure> failure) {

  /** The declaration that is stored with the last backup. */
  record Declared(BackupSource.AppspaceDeclaration declaration, long storageBytes) {}

  /** The last backup before the deletion. */
  record Last(String snapshot, Instant takenAt) {
    String shortId() {
      return snapshot.substring(0, Math.min(8, snapshot.length()));
    }
  }

  String app() {
    return declared.declaration().app();
  }

  String owner() {
    return declared.declaration().owner();
  }

  /** Returns the same deletion after another step. */
  Deletion with(
      Optional<Last> last,
      Optional<Instant> proven,
      Optional<Instant> deleted,
      Optional<BackupStatusStore.Failure> why) {
    return new Deletion(dataId, appspace, retainedAt, declared, last, proven, deleted, why);
  }

  boolean isFor(DataFolder folder) {
    return folder.id().equals(dataId) && folder.retainedAt().equals(Optional.of(retainedAt));
  }
}
