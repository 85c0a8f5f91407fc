package io.dropserver.backup.engine;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.Progress;
import io.dropserver.backup.Progress.Step;
import io.dropserver.backup.copy.CopyBounds;
import io.dropserver.backup.copy.CopyResult;
import io.dropserver.backup.copy.TreeCopy;
import io.dropserver.schema.state.AtomicFiles;
import io.dropserver.schema.state.DiskSpace;
import io.dropserver.schema.status.BackupReason;
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
 * The copy of one data folder that restic reads. It is updated in two passes: the first one while
 * the app runs, and the second one, which has little left to do, while the app is paused.
 */
record Mirror(Path folder, DataAccess access, Clock clock) {
  private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
  private static final int SPARSE_TIMES_LIMIT = 4;

  /**
   * @param takenAt the instant of the copy
   * @param frozen how long the app was paused; zero if it was not running
   */
  record Taken(Instant takenAt, Duration frozen, CopyResult copied) {}

  /** The folder that restic backs up: {@code data} and the manifest. */
  Path tree() {
    return folder.resolve("tree");
  }

  Path data() {
    return tree().resolve("data");
  }

  /** The FIFO at which restic waits until the mirror is up to date. */
  Path gate() {
    return folder.resolve("gate");
  }

  /** Ensures that the mirror exists and that its disk has enough space. */
  void prepare(Subject subject) throws IOException {
    access.reach(subject.files());
    prepare();
    requireRoom(subject);
  }

  Taken take(Subject subject, Progress progress) {
    try {
      AtomicLong bytes = new AtomicLong();
      CopyBounds bounds =
          new CopyBounds(
              SPARSE_TIMES_LIMIT * subject.storageBytes(),
              DiskSpace.of(folder).reserve(),
              Thread.currentThread()::isInterrupted,
              more -> progress.at(new Step("copying", -1, bytes.addAndGet(more), 0)));
      // Only the first write to a mapped page after a write-back updates the timestamp; further
      // writes do not. After this sync, every change of a file gets a timestamp later than this
      // instant.
      Instant begun = clock.instant();
      AtomicFiles.syncFileSystem(subject.files());
      TreeCopy.sync(subject.files(), data(), begun, bounds);
      return second(subject, begun, bounds);
    } catch (IOException e) {
      throw new BackupException(
          BackupReason.BACKUP_FAILED,
          "cannot copy the data of " + subject.appspace() + ": " + e,
          e);
    }
  }

  private Taken second(Subject subject, Instant begun, CopyBounds bounds) {
    AtomicReference<CopyResult> copied = new AtomicReference<>();
    AtomicReference<Instant> takenAt = new AtomicReference<>(begun);
    long from = System.nanoTime();
    boolean stopped =
        access.still(
            subject.appspace(),
            () -> {
              takenAt.set(clock.instant());
              copied.set(TreeCopy.sync(subject.files(), data(), begun, bounds));
            });
    Duration frozen = stopped ? Duration.ofNanos(System.nanoTime() - from) : Duration.ZERO;
    return new Taken(takenAt.get(), frozen, copied.get());
  }

  /** Not synced to disk, because a mirror from before a power failure is not used. */
  void describe(Manifest manifest) throws IOException {
    Path file = tree().resolve(Manifest.FILE);
    Files.deleteIfExists(file);
    Files.write(file, manifest.json(), StandardOpenOption.CREATE_NEW);
  }

  /**
   * Discards the mirror of an earlier boot. A power failure may leave files with the right size and
   * times but without their content.
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

  private void requireRoom(Subject subject) throws IOException {
    DiskSpace disk = DiskSpace.of(folder);
    long needed = 0;
    try (var entries = Files.newDirectoryStream(data())) {
      if (!entries.iterator().hasNext()) {
        needed = access.storedBytes(subject.files());
      } // otherwise most data is already here, and the copy checks the free space
    }
    if (disk.aboveReserve() < needed) {
      throw new BackupException(
          BackupReason.DISK_FULL,
          "the data of %s takes a copy of %d MiB, and the disk of %s has %d MiB free, of which %d MiB are to stay so: free some space, then back up again"
              .formatted(
                  subject.appspace(),
                  needed >> 20,
                  folder,
                  disk.free() >> 20,
                  disk.reserve() >> 20));
    }
  }
}
