package io.dropserver.backup.copy;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.BackupException.Reason;
import io.dropserver.sandbox.linux.FileSystemCalls;
import java.util.function.LongConsumer;

/** The bytes of one file into another, holes left out. Used by one thread. */
final class FileCopy {
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;
  private static final int ENXIO = 6;
  private static final int EXDEV = 18;
  private static final int EINVAL = 22;
  private static final int EOPNOTSUPP = 95;
  private static final long CHUNK = 8 << 20;

  private final FileSystemCalls kernel;
  private final LongConsumer copied;

  /**
   * @param copied told the bytes after each chunk; it may throw to end the copy
   */
  FileCopy(FileSystemCalls kernel, LongConsumer copied) {
    this.kernel = kernel;
    this.copied = copied;
  }

  /**
   * Copies no more than {@code size}, so that a file that grows meanwhile is no endless one.
   *
   * @return whether the source could be read
   * @throws BackupException when the disk is full
   */
  boolean copy(int from, int to, long size) {
    long at = 0;
    while (at < size) {
      long data = kernel.seek(from, at, SEEK_DATA);
      if (data == -ENXIO || data >= size) {
        break; // a hole to its end
      }
      if (data < 0) {
        return false;
      }
      long hole = kernel.seek(from, data, SEEK_HOLE);
      long end = hole < 0 ? size : Math.min(hole, size);
      if (!range(from, to, data, end)) {
        return false;
      }
      at = end;
    }
    return written(kernel.truncate(to, size));
  }

  private boolean range(int from, int to, long start, long end) {
    long at = start;
    while (at < end) {
      long bytes = Math.min(CHUNK, end - at);
      long done = kernel.copyRange(from, to, at, bytes);
      if (done == -EXDEV || done == -EINVAL || done == -EOPNOTSUPP) {
        done = kernel.copyThrough(from, to, at, bytes);
      }
      if (done == 0) {
        return true; // it was cut short meanwhile
      }
      if (!written(done)) {
        return false;
      }
      at += done;
      copied.accept(done);
    }
    return true;
  }

  private static boolean written(long result) {
    if (result == -FileSystemCalls.ENOSPC || result == -FileSystemCalls.EDQUOT) {
      throw new BackupException(
          Reason.DISK_FULL,
          "the disk of the state folder is full: free some space, then back up again");
    }
    return result >= 0;
  }
}
