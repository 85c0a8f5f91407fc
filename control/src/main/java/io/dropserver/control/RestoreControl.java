package io.dropserver.control;

import java.util.List;

/**
 * Restores backups of declared appspaces. Considers only backups of the appspace's present app and
 * owner, because an earlier appspace may have had the same name. Every method blocks until the
 * operation has finished, and throws {@link ControlException} when it fails. Thread-safe.
 */
public interface RestoreControl {
  /** Returns the backups of an appspace, newest first. */
  List<BackupEntry> backups(String appspace);

  /**
   * Backs up the current data and compares it with a backup.
   *
   * @param snapshot id of one of {@link #backups}
   */
  RestorePreview preview(String appspace, String snapshot);

  /**
   * Replaces the data of an appspace by that of a backup. The previous data is backed up and
   * retained.
   *
   * @param snapshot id of one of {@link #backups}
   */
  void restore(String appspace, String snapshot);
}
