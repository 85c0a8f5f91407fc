package io.dropserver.backup.engine;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.ProgressListener;
import io.dropserver.backup.ProgressListener.ProgressStep;
import io.dropserver.backup.copy.CopyLimits;
import io.dropserver.backup.copy.CopyResult;
import io.dropserver.backup.copy.TreeCopy;
import io.dropserver.state.AtomicFiles;
import io.dropserver.state.DiskSpace;
import io.dropserver.state.condition.BackupReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The copy of one data folder that restic reads. It is updated in two passes. The first pass runs
 * while the app runs. The second pass copies the remaining changes while the app is paused.
 */
record Mirror(Path folder, DataAccess access, Clock clock) {
  private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
  private static final int SPARSE_TIMES_LIMIT = 4;

  /**
   * @param takenAt when the second pass started
   * @param pauseDuration how long the app was paused; zero if it was not running
   */
  record MirrorResult(Instant takenAt, Duration pauseDuration, CopyResult copied) {}

  /** Runs the second pass, as {@link DataAccess#runPaused} does. */
  interface Pause {
    boolean run(String appspace, Runnable work);
  }

  /** Returns the folder that restic backs up: {@code data} and the manifest. */
  Path tree() {
    return folder.resolve("tree");
  }

  Path data() {
    return tree().resolve("data");
  }

  /** Returns the FIFO at which restic waits until the mirror is up to date. */
  Path gate() {
    return folder.resolve("gate");
  }

  /** Ensures that the mirror exists and that its disk has enough space. */
  void prepare(BackupSource backupSource) throws IOException {
    access.acquire(backupSource.files());
    prepare();
    requireRoom(backupSource);
  }

  MirrorResult capture(BackupSource backupSource, Pause pause, ProgressListener progressListener) {
    try {
      AtomicLong bytes = new AtomicLong();
      CopyLimits bounds =
          new CopyLimits(
              SPARSE_TIMES_LIMIT * backupSource.storageBytes(),
              DiskSpace.of(folder).reserve(),
              Thread.currentThread()::isInterrupted,
              more ->
                  progressListener.report(
                      new ProgressStep("copying", -1, bytes.addAndGet(more), 0)));
      // Only the first write to a mapped page after a write-back updates the timestamp; further
      // writes do not. After this sync, every change of a file gets a timestamp later than this
      // instant.
      Instant startedAt = clock.instant();
      AtomicFiles.syncFileSystem(backupSource.files());
      TreeCopy.sync(backupSource.files(), data(), startedAt, bounds);
      return finalPass(backupSource, pause, startedAt, bounds);
    } catch (IOException e) {
      throw new BackupException(
          BackupReason.BACKUP_FAILED,
          "cannot copy the data of " + backupSource.appspace() + ": " + e,
          e);
    }
  }

  private MirrorResult finalPass(
      BackupSource backupSource, Pause pause, Instant startedAt, CopyLimits bounds) {
    AtomicReference<CopyResult> copied = new AtomicReference<>();
    AtomicReference<Instant> takenAt = new AtomicReference<>(startedAt);
    long from = System.nanoTime();
    boolean stopped =
        pause.run(
            backupSource.appspace(),
            () -> {
              takenAt.set(clock.instant());
              copied.set(TreeCopy.sync(backupSource.files(), data(), startedAt, bounds));
            });
    Duration frozen = stopped ? Duration.ofNanos(System.nanoTime() - from) : Duration.ZERO;
    return new MirrorResult(takenAt.get(), frozen, copied.get());
  }

  /**
   * Writes the manifest without a sync to disk, because a mirror of an earlier boot is discarded.
   */
  void writeManifest(BackupManifest backupManifest) throws IOException {
    Path file = tree().resolve(BackupManifest.FILE);
    Files.deleteIfExists(file);
    Files.write(file, backupManifest.json(), StandardOpenOption.CREATE_NEW);
  }

  /**
   * Discards the mirror of an earlier boot. After a power failure, files in it may have the right
   * size and times but not their content.
   */
  private void prepare() throws IOException {
    Path mark = folder.resolve("boot");
    String boot = Files.readString(BOOT);
    if (!Files.exists(mark) || !Files.readString(mark).equals(boot)) {
      AtomicFiles.deleteTree(folder);
      Files.createDirectories(data());
      Files.writeString(mark, boot);
    }
    Files.createDirectories(data());
  }

  private void requireRoom(BackupSource backupSource) throws IOException {
    DiskSpace disk = DiskSpace.of(folder);
    long needed = 0;
    try (var entries = Files.newDirectoryStream(data())) {
      if (!entries.iterator().hasNext()) {
        needed = access.storedBytes(backupSource.files());
      } // an existing mirror already has most of the data, and the copy checks the free space
    }
    if (disk.aboveReserve() < needed) {
      throw new BackupException(
          BackupReason.DISK_FULL,
          "the copy of the data of %s takes %d MiB, and the disk of %s has %d MiB free, of which %d MiB must remain free: free some space, then back up again"
              .formatted(
                  backupSource.appspace(),
                  needed >> 20,
                  folder,
                  disk.free() >> 20,
                  disk.reserve() >> 20));
    }
  }
}
