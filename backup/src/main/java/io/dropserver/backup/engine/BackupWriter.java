package io.dropserver.backup.engine;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.ProgressListener;
import io.dropserver.backup.ProgressListener.ProgressStep;
import io.dropserver.backup.engine.BackupManifest.Digest;
import io.dropserver.backup.restic.PendingBackup;
import io.dropserver.backup.restic.ResticRepository;
import io.dropserver.schema.state.AtomicFiles;
import io.dropserver.schema.status.BackupReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Creates backups: copies data into its mirror and stores the mirror in the repository. At most one
 * backup of a data folder runs at a time; other callers wait. Thread-safe.
 */
final class BackupWriter {
  private final BackupFolders folders;
  private final ResticRepository resticRepository;
  private final DataAccess access;
  private final Clock clock;
  private final Mirrors mirrors;
  private final RepositoryOpener repositoryOpener;

  BackupWriter(
      BackupFolders folders,
      ResticRepository resticRepository,
      DataAccess access,
      Clock clock,
      Mirrors mirrors,
      RepositoryOpener repositoryOpener) {
    this.folders = folders;
    this.resticRepository = resticRepository;
    this.access = access;
    this.clock = clock;
    this.mirrors = mirrors;
    this.repositoryOpener = repositoryOpener;
  }

  BackupReport backUp(
      BackupSource backupSource, DataAccess access, ProgressListener progressListener) {
    ReentrantLock lock = mirrors.lock(backupSource.dataId());
    acquire(lock);
    try {
      long startNanos = System.nanoTime();
      repositoryOpener.open();
      Mirror mirror = new Mirror(folders.mirror(backupSource.dataId()), access, clock);
      mirror.prepare(backupSource);
      try (PendingBackup restic =
          resticRepository.begin(
              mirror.tree(), mirror.gate(), backupSource.tags(), progressListener)) {
        Mirror.MirrorResult mirrorResult = mirror.capture(backupSource, progressListener);
        BackupManifest backupManifest = manifest(backupSource, mirrorResult, mirror.data());
        return store(
            mirror,
            backupManifest,
            restic,
            mirrorResult.copied().copiedBytes(),
            startNanos,
            progressListener);
      }
    } catch (IOException e) {
      throw new BackupException(
          BackupReason.BACKUP_FAILED, "cannot back up " + backupSource.appspace() + ": " + e, e);
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
    ReentrantLock lock = mirrors.lock(BackupEngine.SERVER_TAG);
    acquire(lock);
    try {
      long startNanos = System.nanoTime();
      repositoryOpener.open();
      Mirror mirror = new Mirror(folders.mirror(BackupEngine.SERVER_TAG), access, clock);
      AtomicFiles.deleteTree(mirror.folder());
      Files.createDirectories(mirror.data());
      Instant now = clock.instant();
      files.copyTo(mirror.data());
      BackupManifest backupManifest = BackupManifest.ofServer(mirror.data(), now);
      try (PendingBackup restic =
          resticRepository.begin(
              mirror.tree(), mirror.gate(), List.of(BackupEngine.SERVER_TAG), progressListener)) {
        return store(mirror, backupManifest, restic, 0, startNanos, progressListener);
      }
    } catch (IOException e) {
      throw new BackupException(
          BackupReason.BACKUP_FAILED, "cannot back up the server's own state: " + e, e);
    } finally {
      lock.unlock();
    }
  }

  private static void acquire(ReentrantLock lock) {
    try {
      lock.lockInterruptibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BackupException(
          BackupReason.INTERRUPTED, "the backup was stopped before it began", e);
    }
  }

  private static BackupManifest manifest(
      BackupSource backupSource, Mirror.MirrorResult mirrorResult, Path data) throws IOException {
    BackupSource.AppspaceDeclaration declared = backupSource.declared();
    List<Digest> sample = new ArrayList<>();
    for (String path : mirrorResult.copied().sample()) {
      sample.add(new Digest(path, Digests.of(data.resolve(path))));
    }
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
        sample);
  }
}
