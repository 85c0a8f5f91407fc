package io.dropserver.control;

import java.time.Instant;
import java.util.List;

/**
 * What a restore of a backup would change.
 *
 * @param snapshot id of the backup
 * @param takenAt when the backup was made
 * @param current id of a backup of the current data; restoring it undoes the restore
 * @param added number of files that the backup has and the current data lacks
 * @param changed number of files with other contents
 * @param removed number of files that only the current data has
 * @param files the first files, each with {@code +}, {@code ~} or {@code -} in front of its path
 */
public record RestorePreview(
    String snapshot,
    Instant takenAt,
    String current,
    long added,
    long changed,
    long removed,
    List<String> files) {
  public RestorePreview {
    files = List.copyOf(files);
  }

  /** Returns whether the backup is equal to the current data. */
  public boolean isEmpty() {
    return added + changed + removed == 0;
  }
}
