package io.dropserver.backup.engine;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.ProgressListener;
import io.dropserver.backup.ProgressListener.ProgressStep;
import io.dropserver.backup.restic.PendingBackup;
import io.dropserver.backup.restic.ResticRepository;
import io.dropserver.state.AtomicFiles;
import io.dropserver.state.condition.BackupReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Creates backups: copies data into its mirror and stores the mirror in the repository. At most one
 * backup of a data folder runs at a time; other callers wait. Thread-safe.
 */
record BackupWriter(
    BackupFolders folders,
    ResticRepository resticRepository,
    DataAccess access,
    Clock clock,
    Mirrors mirrors,
    RepositoryOpener repositoryOpener) {
  private interface MirrorWork {
    BackupReport run(Mirror mirror, long startNanos) throws IOException;
  }

  BackupReport backUp(
      BackupSource backupSource, Mirror.Pause pause, ProgressListener progressListener) {
    return withMirror(
        backupSource.dataId(),
        backupSource.appspace(),
        (mirror, startNanos) -> {
          mirror.prepare(backupSource);
          try (PendingBackup restic =
              resticRepository.begin(
                  mirror.tree(), mirror.gate(), backupSource.tags(), progressListener)) {
            Mirror.MirrorResult mirrorResult =
                mirror.capture(backupSource, pause, progressListener);
            BackupManifest backupManifest = manifest(backupSource, mirrorResult, mirror.data());
            return store(
                mirror,
                backupManifest,
                restic,
                mirrorResult.copied().copiedBytes(),
                startNanos,
                progressListener);
          }
        });
  }

  /** Runs the work while no other backup of this mirror runs. */
  private BackupReport withMirror(String dataId, String subject, MirrorWork work) {
    ReentrantLock lock = mirrors.lock(dataId);
    try {
      lock.lockInterruptibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BackupException(
          BackupReason.INTERRUPTED, "the backup was stopped before it began", e);
    }
    try {
      long startNanos = System.nanoTime();
      repositoryOpener.open();
      return work.run(new Mirror(folders.mirror(dataId), access, clock), startNanos);
    } catch (IOException e) {
      throw new BackupException(
          BackupReason.BACKUP_FAILED, "cannot back up " + subject + ": " + e, e);
    } finally {
      lock.unlock();
    }
  }

  private BackupReport store(
      Mirror mirror,
      BackupManifest backupManifest,
      PendingBackup restic,
      long copiedBytes,
      long startNanos,
      ProgressListener progressListener)
      throws IOException {
    mirror.writeManifest(backupManifest);
    progressListener.report(new ProgressStep("storing", 0, 0, 0));
    String snapshot = restic.store();
    return new BackupReport(
        backupManifest.appspace(),
        snapshot,
        backupManifest.takenAt(),
        backupManifest.files(),
        backupManifest.bytes(),
        copiedBytes,
        backupManifest.frozenMillis(),
        (System.nanoTime() - startNanos) / 1_000_000,
        backupManifest.skippedCount(),
        backupManifest.skipped());
  }

  /** Backs up the server's own state. */
  BackupReport backUpServer(ServerFiles files, ProgressListener progressListener) {
    return withMirror(
        BackupEngine.SERVER_TAG,
        "the server's own state",
        (mirror, startNanos) -> {
          AtomicFiles.deleteTree(mirror.folder());
          Files.createDirectories(mirror.data());
          Instant now = clock.instant();
          files.copyTo(mirror.data());
          BackupManifest backupManifest = BackupManifest.ofServer(mirror.data(), now);
          List<String> tags = List.of(BackupEngine.SERVER_TAG);
          try (PendingBackup restic =
              resticRepository.begin(mirror.tree(), mirror.gate(), tags, progressListener)) {
            return store(mirror, backupManifest, restic, 0, startNanos, progressListener);
          }
        });
  }

  private static BackupManifest manifest(
      BackupSource backupSource, Mirror.MirrorResult mirrorResult, Path data) throws IOException {
    BackupSource.AppspaceDeclaration declared = backupSource.declared();
    return new BackupManifest(
        BackupManifest.FORMAT,
        backupSource.appspace(),
        declared.app(),
        declared.version(),
        declared.content(),
        declared.source(),
        declared.owner(),
        declared.users(),
        declared.revision(),
        mirrorResult.takenAt(),
        mirrorResult.pauseDuration().toMillis(),
        mirrorResult.copied().files(),
        mirrorResult.copied().bytes(),
        mirrorResult.copied().skippedCount(),
        mirrorResult.copied().skipped(),
        List.of(),
        BackupManifest.digests(data, mirrorResult.copied().sample()));
  }
}
