package io.dropserver.backup.engine;

import io.dropserver.backup.copy.SkippedFile;
import java.time.Instant;
import java.util.List;

/**
 * The result of one backup.
 *
 * @param bytes total size of all files
 * @param copiedBytes bytes that the second pass copied, while the app was paused; 0 for the
 *     server's state
 * @param frozenMillis how long the app was paused
 */
public record BackupReport(
    String appspace,
    String snapshot,
    Instant takenAt,
    long files,
    long bytes,
    long copiedBytes,
    long frozenMillis,
    long tookMillis,
    long skippedCount,
    List<SkippedFile> skipped) {

  /** Returns whether the backup skipped only files without content, such as sockets. */
  public boolean isComplete() {
    return skipped.size() == skippedCount && skipped.stream().allMatch(SkippedFile::isNoData);
  }
}
