package io.dropserver.backup.copy;

import io.dropserver.backup.BackupException;
import io.dropserver.sandbox.linux.FileStatus;
import io.dropserver.sandbox.linux.FileSystemCalls;
import io.dropserver.state.condition.BackupReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/**
 * Synchronizes a mirror with a folder. Unchanged files are not copied again. A mirrored file has
 * the modification time of the source. Its access time is the source's ctime, which no app can set.
 * The mirror therefore needs no separate index: a file whose copy was interrupted does not match
 * and is copied again.
 *
 * <p>The source may change during the copy, even maliciously. Only the server may have access to
 * the mirror.
 */
public final class TreeCopy {
  /** The granularity of the kernel's file timestamps, with a margin. */
  private static final long TICK_NANOS = 20_000_000;

  private TreeCopy() {}

  /**
   * Copies changes from the source to the mirror.
   *
   * @param mirror an existing folder
   * @param againSince a file with a ctime at or after this instant is copied even if it matches, in
   *     this pass and in the next one: two changes within one kernel tick have the same timestamp
   * @throws BackupException if the disk is full, the source cannot be read, or the copy is
   *     cancelled
   */
  public static CopyResult sync(Path source, Path mirror, Instant againSince, CopyLimits bounds) {
    FileStatus.Time since = FileStatus.Time.of(againSince.minusNanos(TICK_NANOS));
    CopyCounters copyCounters = new CopyCounters();
    try (FileSystemCalls kernel = new FileSystemCalls()) {
      SpaceMonitor spaceMonitor = new SpaceMonitor(mirror, bounds, copyCounters);
      FolderCopy copy = new FolderCopy(kernel, since, bounds, spaceMonitor, copyCounters);
      int from = kernel.openRoot(source);
      int to = kernel.openRoot(mirror);
      try {
        requireOpen(from, source);
        requireOpen(to, mirror);
        copy.copy(from, to, "", 0);
      } finally {
        close(kernel, from);
        close(kernel, to);
      }
    }
    return copyCounters.result();
  }

  private static void requireOpen(int descriptor, Path folder) {
    if (descriptor < 0) {
      throw new BackupException(
          BackupReason.SOURCE_UNREADABLE,
          "cannot open the folder " + folder + ": errno " + -descriptor + "; check that it exists");
    }
  }

  private static void close(FileSystemCalls kernel, int descriptor) {
    if (descriptor >= 0) {
      kernel.close(descriptor);
    }
  }

  /** Monitors the free disk space while bytes are copied. */
  static final class SpaceMonitor {
    private static final long CHECK_INTERVAL_BYTES = 32 << 20;

    private final Path mirror;
    private final CopyLimits bounds;
    private final CopyCounters copyCounters;
    private long bytesUntilCheck;

    SpaceMonitor(Path mirror, CopyLimits bounds, CopyCounters copyCounters) {
      this.mirror = mirror;
      this.bounds = bounds;
      this.copyCounters = copyCounters;
    }

    void copied(long bytes) {
      copyCounters.copiedBytes += bytes;
      bounds.onCopied().accept(bytes);
      requireNotCancelled();
      bytesUntilCheck -= bytes;
      if (bytesUntilCheck <= 0) {
        bytesUntilCheck = CHECK_INTERVAL_BYTES;
        requireRoom();
      }
    }

    void requireNotCancelled() {
      if (bounds.cancelled().getAsBoolean()) {
        throw new BackupException(
            BackupReason.INTERRUPTED, "the copy was stopped; nothing was changed");
      }
    }

    private void requireRoom() {
      try {
        long free = Files.getFileStore(mirror).getUsableSpace();
        if (free < bounds.keepFreeBytes()) {
          throw new BackupException(
              BackupReason.DISK_FULL,
              "only %d MiB are free on the disk of %s, and %d MiB must remain free: free some space, then back up again"
                  .formatted(free >> 20, mirror, bounds.keepFreeBytes() >> 20));
        }
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read the free space on the disk of " + mirror, e);
      }
    }
  }
}
