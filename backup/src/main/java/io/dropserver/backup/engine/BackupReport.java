package io.dropserver.backup.engine;

import io.dropserver.backup.copy.Skipped;
import java.time.Instant;
import java.util.List;

/**
 * One run.
 *
 * @param bytes of all files
 * @param copiedBytes that had changed since the run before
 * @param frozenMillis how long the app stood still
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
    List<Skipped> skipped) {

  /** Whether nothing was left out that could be kept. */
  public boolean whole() {
    return skipped.size() == skippedCount && skipped.stream().allMatch(Skipped::isNoData);
  }
}
