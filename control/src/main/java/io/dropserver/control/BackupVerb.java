package io.dropserver.control;

/** The backup operations. */
public enum BackupVerb {
  /** Backs up an appspace, or all of them and the server itself. */
  NOW,
  /** Restores a sample of a snapshot and compares it. */
  VERIFY,
  /** Restores into the appspace of the snapshot, into another one, or into a folder. */
  RESTORE,
  /**
   * Restores the data of an earlier app version that Git declares again: {@code confirm --restore}.
   */
  GO_BACK,
  /** Writes one file that can be read without this program. */
  EXPORT,
  /** Makes an exported file, or a plain folder, the data of an appspace. */
  IMPORT,
  /** Checks the integrity of the repository. */
  CHECK,
  /** Measures how much of the repository the snapshots of each appspace need. */
  USAGE
}
