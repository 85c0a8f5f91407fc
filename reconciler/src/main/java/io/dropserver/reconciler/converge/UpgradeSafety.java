package io.dropserver.reconciler.converge;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/** What a change of version needs of backups; bound by the composition root. Thread-safe. */
public interface UpgradeSafety {

  /**
   * Backs up what an appspace has now.
   *
   * @throws io.dropserver.backup.BackupException when that cannot be done
   */
  void backUp(String appspace);

  /**
   * Copies the data of an appspace that does not run.
   *
   * @param to is made
   * @param storageBytes its limit
   * @throws io.dropserver.backup.BackupException when it cannot be copied
   */
  void copy(Path from, Path to, long storageBytes);

  /** The newest backup of data as that version wrote it. */
  Optional<Earlier> newest(String appspace, String app, String owner, String version);

  /**
   * @param snapshot as people write it
   */
  record Earlier(String snapshot, Instant takenAt) {}
}
