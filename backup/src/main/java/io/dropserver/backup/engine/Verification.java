package io.dropserver.backup.engine;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.Progress;
import io.dropserver.backup.engine.Manifest.Digest;
import io.dropserver.backup.restic.Repository;
import io.dropserver.schema.state.AtomicFiles;
import io.dropserver.schema.status.BackupReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/** Verifies that backed up data can be restored. Thread-safe. */
final class Verification {
  private final BackupFolders folders;
  private final Repository repository;

  Verification(BackupFolders folders, Repository repository) {
    this.folders = folders;
    this.repository = repository;
  }

  /**
   * Restores the sample of a snapshot and compares it with the digests from the time of the backup.
   *
   * @return the number of files compared
   */
  int sample(String snapshot, Manifest manifest, Progress progress) {
    Path target = folders.scratch().resolve("verify-" + UUID.randomUUID());
    try {
      List<String> paths = manifest.sample().stream().map(Digest::path).toList();
      if (!paths.isEmpty()) {
        List<String> patterns = paths.stream().map(Repository::pattern).toList();
        repository.restore(snapshot, "data", patterns, target, progress);
        compare(manifest, target);
      }
      return paths.size();
    } catch (IOException e) {
      throw new BackupException(
          BackupReason.NOT_VERIFIED, "cannot read what was restored: " + e, e);
    } finally {
      delete(target);
    }
  }

  /**
   * Reads every byte of a snapshot, which restic verifies against its digests, and checks the
   * sample.
   */
  void whole(String snapshot, Progress progress) {
    try {
      Manifest manifest = Manifest.parse(repository.read(snapshot, Manifest.FILE));
      repository.readWhole(snapshot);
      sample(snapshot, manifest, progress);
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
  static void compare(Manifest manifest, Path data) throws IOException {
    for (Digest digest : manifest.sample()) {
      Path file = data.resolve(digest.path());
      if (!Files.isRegularFile(file) || !Digests.of(file).equals(digest.sha256())) {
        throw new BackupException(
            BackupReason.NOT_VERIFIED,
            "%s of the backup of %s is not what was backed up: use an earlier snapshot, and run `restic check --read-data`"
                .formatted(digest.path(), manifest.appspace()));
      }
    }
  }

  private static void delete(Path folder) {
    try {
      AtomicFiles.deleteTree(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + folder, e);
    }
  }
}
