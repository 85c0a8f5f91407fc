package io.dropserver.reconciler.backup;

import io.dropserver.backup.engine.Subject;
import io.dropserver.schema.state.DataFolder;
import java.time.Instant;
import java.util.Optional;

/**
 * Data of an appspace that left with {@code deletion: delete-after-backup}.
 *
 * @param retainedAt data that is retained since another instant is not meant: it came back once
 * @param provenAt when all of the last backup was read back
 * @param deletedAt when the data was gone after that
 * @param failure why it waits
 */
record Deletion(
    String dataId,
    String appspace,
    Instant retainedAt,
    Declared declared,
    Optional<Last> last,
    Optional<Instant> provenAt,
    Optional<Instant> deletedAt,
    Optional<BackupBook.Failure> failure) {

  /** What is stored with the last backup. */
  record Declared(Subject.Declaration declaration, long storageBytes) {}

  /** The last backup. */
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

  boolean isOf(DataFolder folder) {
    return folder.id().equals(dataId) && folder.retainedAt().equals(Optional.of(retainedAt));
  }
}
