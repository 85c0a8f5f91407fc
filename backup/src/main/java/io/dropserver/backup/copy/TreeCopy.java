package io.dropserver.backup.copy;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.BackupException.Reason;
import io.dropserver.sandbox.linux.FileStatus;
import io.dropserver.sandbox.linux.FileSystemCalls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/**
 * Brings a mirror to what a folder holds, as often as one likes: what is as it was is not copied
 * again. A mirrored file bears the source's time of modification, and as its time of access the
 * source's time of change (ctime), which no app can set: so a mirror says by itself what it holds,
 * and whatever was cut short at any instant does not match and is copied anew.
 *
 * <p>The source may be changed meanwhile, with intent. The mirror lies where nobody else reaches
 * it.
 */
public final class TreeCopy {
  /** Of the clock that the kernel stamps files with. */
  private static final long TICK_NANOS = 20_000_000;

  private TreeCopy() {}

  /**
   * @param mirror existing
   * @param againSince files that were changed since then are copied now and the next time although
   *     they match: the kernel's stamps are too coarse to tell two changes within a tick apart
   * @throws BackupException when the disk is full, the source cannot be read, or it is cancelled
   */
  public static CopyResult sync(Path source, Path mirror, Instant againSince, CopyBounds bounds) {
    FileStatus.Time since = FileStatus.Time.of(againSince.minusNanos(TICK_NANOS));
    Tally tally = new Tally();
    try (FileSystemCalls kernel = new FileSystemCalls()) {
      Space space = new Space(mirror, bounds, tally);
      FolderCopy copy = new FolderCopy(kernel, since, bounds, space, tally);
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
    return tally.result();
  }

  private static void requireOpen(int descriptor, Path folder) {
    if (descriptor < 0) {
      throw new BackupException(
          Reason.SOURCE_UNREADABLE,
          "cannot open the folder "
              + folder
              + ": errno "
              + -descriptor
              + "; see whether it is there");
    }
  }

  private static void close(FileSystemCalls kernel, int descriptor) {
    if (descriptor >= 0) {
      kernel.close(descriptor);
    }
  }

  /** Watches the disk as bytes are copied. */
  static final class Space {
    private static final long LOOK_EVERY = 32 << 20;

    private final Path mirror;
    private final CopyBounds bounds;
    private final Tally tally;
    private long untilLook;

    Space(Path mirror, CopyBounds bounds, Tally tally) {
      this.mirror = mirror;
      this.bounds = bounds;
      this.tally = tally;
    }

    void copied(long bytes) {
      tally.copiedBytes += bytes;
      bounds.copied().accept(bytes);
      requireWanted();
      untilLook -= bytes;
      if (untilLook <= 0) {
        untilLook = LOOK_EVERY;
        requireRoom();
      }
    }

    void requireWanted() {
      if (bounds.cancelled().getAsBoolean()) {
        throw new BackupException(Reason.INTERRUPTED, "the copy was stopped; nothing is changed");
      }
    }

    private void requireRoom() {
      try {
        long free = Files.getFileStore(mirror).getUsableSpace();
        if (free < bounds.keepFreeBytes()) {
          throw new BackupException(
              Reason.DISK_FULL,
              "only %d MiB are free on the disk of %s, and %d MiB are to stay so: free some space, then back up again"
                  .formatted(free >> 20, mirror, bounds.keepFreeBytes() >> 20));
        }
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read the free space of " + mirror, e);
      }
    }
  }
}
