package io.dropserver.backup.engine;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.ProgressListener;
import io.dropserver.backup.engine.BackupManifest.Digest;
import io.dropserver.backup.restic.ResticRepository;
import io.dropserver.schema.status.BackupReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/** Verifies that backed up data can be restored. Thread-safe. */
record BackupVerifier(BackupFolders folders, ResticRepository resticRepository) {
  /**
   * Restores the files that the manifest samples and compares them with the digests that the backup
   * recorded.
   *
   * @return the number of files compared
   */
  int verifySample(
      String snapshot, BackupManifest backupManifest, ProgressListener progressListener) {
    Path target = folders.scratch().resolve("verify-" + UUID.randomUUID());
    try {
      List<String> paths = backupManifest.sample().stream().map(Digest::path).toList();
      if (!paths.isEmpty()) {
        List<String> patterns = paths.stream().map(ResticRepository::pattern).toList();
        resticRepository.restore(snapshot, "data", patterns, target, progressListener);
        compare(backupManifest, target);
      }
      return paths.size();
    } catch (IOException e) {
      throw new BackupException(
          BackupReason.NOT_VERIFIED, "cannot read the restored data: " + e, e);
    } finally {
      BackupFolders.delete(target);
    }
  }

  /**
   * Lets restic read every byte of a snapshot and check its digests, then verifies the sampled
   * files.
   */
  void verifyAll(String snapshot, ProgressListener progressListener) {
    try {
      BackupManifest backupManifest =
          BackupManifest.parse(resticRepository.read(snapshot, BackupManifest.FILE));
      resticRepository.readAll(snapshot);
      verifySample(snapshot, backupManifest, progressListener);
    } catch (BackupException e) {
      boolean damaged =
          e.reason() == BackupReason.REPOSITORY_DAMAGED || e.reason() == BackupReason.BACKUP_FAILED;
      throw damaged
          ? new BackupException(BackupReason.NOT_VERIFIED, String.valueOf(e.getMessage()), e)
          : e;
    }
  }

  /**
   * @param data the restored files
   * @throws BackupException with the reason {@code NOT_VERIFIED} if they differ from the backup
   */
  static void compare(BackupManifest backupManifest, Path data) throws IOException {
    for (Digest digest : backupManifest.sample()) {
      Path file = data.resolve(digest.path());
      if (!Files.isRegularFile(file) || !Digests.of(file).equals(digest.sha256())) {
        throw new BackupException(
            BackupReason.NOT_VERIFIED,
            "%s in the backup of %s differs from what was backed up: use an earlier snapshot, and run `restic check --read-data`"
                .formatted(digest.path(), backupManifest.appspace()));
      }
    }
  }
}
