package io.dropserver.schema.status;

/** What can be asked for. */
public enum BackupVerb {
  /** A backup of an appspace, or of all and the server itself. */
  NOW,
  /** Restores a sample of a snapshot and compares it. */
  VERIFY,
  /** Into the appspace that it is of, into another one, or into a folder. */
  RESTORE,
  /** The same for an earlier version that is declared again: {@code confirm --restore}. */
  GO_BACK,
  /** One file that is readable without this program. */
  EXPORT,
  /** Such a file, or a plain folder, becomes an appspace's data. */
  IMPORT,
  /** Looks whether the repository is whole. */
  CHECK
}
