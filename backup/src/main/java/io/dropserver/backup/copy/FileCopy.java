package io.dropserver.backup.copy;

import io.dropserver.backup.BackupException;
import io.dropserver.base.linux.Errno;
import io.dropserver.sandbox.linux.FileSystemCalls;
import io.dropserver.state.condition.BackupReason;
import java.util.function.LongConsumer;

/**
 * Copies the content of one file to another and preserves its holes. Not thread-safe.
 *
 * @param copied receives the number of bytes after each chunk; an exception from it aborts the copy
 */
record FileCopy(FileSystemCalls kernel, LongConsumer copied) {
  private static final long CHUNK = 8 << 20;

  /**
   * Copies at most {@code size} bytes, so that a file that keeps growing does not make the copy
   * endless.
   *
   * @return whether the source could be read
   * @throws BackupException if the disk is full
   */
  boolean copy(int from, int to, long size) {
    long at = 0;
    while (at < size) {
      long data = kernel.nextData(from, at);
      if (data == -Errno.ENXIO || data >= size) {
        break; // the rest of the file is a hole
      }
      if (data < 0) {
        return false;
      }
      long hole = kernel.nextHole(from, data);
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
      if (done == -Errno.EXDEV || done == -Errno.EINVAL || done == -Errno.EOPNOTSUPP) {
        done = kernel.copyThrough(from, to, at, bytes);
      }
      if (done == 0) {
        return true; // the source was truncated
      }
      if (!written(done)) {
        return false;
      }
      at += done;
      copied.accept(done);
    }
    return true;
  }

  /**
   * Returns whether a write succeeded.
   *
   * @throws BackupException if the disk is full
   */
  static boolean written(long result) {
    if (result == -Errno.ENOSPC || result == -Errno.EDQUOT) {
      throw new BackupException(
          BackupReason.DISK_FULL,
          "the disk of the state folder is full: free some space, then back up again");
    }
    return result >= 0;
  }
}
