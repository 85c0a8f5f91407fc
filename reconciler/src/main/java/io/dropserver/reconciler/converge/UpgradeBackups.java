package io.dropserver.reconciler.converge;

import io.dropserver.backup.restic.ResticSnapshot;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The backup operations that an upgrade needs. The composition root provides the implementation.
 * Thread-safe.
 */
public interface UpgradeBackups {

  /**
   * Backs up the current data of an appspace.
   *
   * @throws io.dropserver.backup.BackupException when the backup fails
   */
  void backUp(String appspace);

  /**
   * Copies the data of a stopped appspace.
   *
   * @param to the destination; this method creates it
   * @param storageBytes storage limit of the appspace
   * @throws io.dropserver.backup.BackupException when the copy fails
   */
  void copy(Path from, Path to, long storageBytes);

  /** Returns the newest backup of data that the given version wrote. */
  Optional<ResticSnapshot> newest(String appspace, String app, String owner, String version);
}
