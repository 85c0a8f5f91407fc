package io.dropserver.state.condition;

/** Reasons of the conditions of backups, of their repository, and of deletions. */
public enum BackupReason implements Reason {

  /** A sample of the newest good backup was restored and matched. */
  VERIFIED(Retry.WAITING),
  UNVERIFIED(Retry.WAITING),

  /** No backup is due yet. */
  NOT_YET(Retry.WAITING),

  /** The newest verified backup is older than its schedule allows. */
  OVERDUE(Retry.RETRY),
  RESTIC_MISSING(Retry.RETRY),
  WRONG_PASSWORD(Retry.RETRY),
  REPOSITORY_LOCKED(Retry.RETRY),
  REPOSITORY_UNREACHABLE(Retry.RETRY),
  REPOSITORY_DAMAGED(Retry.RETRY),
  DISK_FULL(Retry.RETRY),
  SOURCE_UNREADABLE(Retry.RETRY),
  NO_SUCH_SNAPSHOT(Retry.RETRY),

  /** Restored files differ from the backed-up files. */
  NOT_VERIFIED(Retry.RETRY),

  /** The operation was cancelled, for example because the server stopped. */
  INTERRUPTED(Retry.WAITING),
  BACKUP_FAILED(Retry.RETRY),

  /** Data that is to be deleted is backed up for the last time. */
  LAST_BACKUP(Retry.WAITING),

  /** Data was deleted and is in its last backup. */
  DELETED(Retry.WAITING),

  /** The backups are on the disk that they protect. */
  SAME_DISK(Retry.WAITING);

  private final Retry retry;

  BackupReason(Retry retry) {
    this.retry = retry;
  }

  @Override
  public Retry retry() {
    return retry;
  }
}
