package io.dropserver.schema.status;

/** Reasons of the conditions of backups, of their repository, and of deletions. */
public enum BackupReason implements Reason {

  /** A sample of the newest good backup was restored and matched. */
  VERIFIED("Verified", Retry.WAITING),
  UNVERIFIED("Unverified", Retry.WAITING),

  /** No backup is due yet. */
  NOT_YET("NotYet", Retry.WAITING),

  /** The newest verified backup is older than its schedule allows. */
  OVERDUE("Overdue", Retry.RETRY),
  RESTIC_MISSING("ResticMissing", Retry.RETRY),
  WRONG_PASSWORD("WrongPassword", Retry.RETRY),
  REPOSITORY_LOCKED("RepositoryLocked", Retry.RETRY),
  REPOSITORY_UNREACHABLE("RepositoryUnreachable", Retry.RETRY),
  REPOSITORY_DAMAGED("RepositoryDamaged", Retry.RETRY),
  DISK_FULL("DiskFull", Retry.RETRY),
  SOURCE_UNREADABLE("SourceUnreadable", Retry.RETRY),
  NO_SUCH_SNAPSHOT("NoSuchSnapshot", Retry.RETRY),

  /** Restored files differ from the backed-up files. */
  NOT_VERIFIED("NotVerified", Retry.RETRY),

  /** The operation was cancelled, for example because the server stopped. */
  INTERRUPTED("Interrupted", Retry.WAITING),
  BACKUP_FAILED("BackupFailed", Retry.RETRY),

  /** Data that is to be deleted is backed up for the last time. */
  LAST_BACKUP("LastBackup", Retry.WAITING),

  /** Data was deleted and is in its last backup. */
  DELETED("Deleted", Retry.WAITING),

  /** The backups are on the disk that they protect. */
  SAME_DISK("SameDisk", Retry.WAITING);

  private final String text;
  private final Retry retry;

  BackupReason(String text, Retry retry) {
    this.text = text;
    this.retry = retry;
  }

  @Override
  public String text() {
    return text;
  }

  @Override
  public Retry retry() {
    return retry;
  }
}
