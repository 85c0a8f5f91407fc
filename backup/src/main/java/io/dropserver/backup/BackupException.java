package io.dropserver.backup;

/** A backup or a restore has failed. The message contains the problem, the place and the remedy. */
public class BackupException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  /** The reason of the condition {@code BackedUp}. */
  public enum Reason {
    RESTIC_MISSING("ResticMissing"),
    WRONG_PASSWORD("WrongPassword"),
    REPOSITORY_LOCKED("RepositoryLocked"),
    REPOSITORY_UNREACHABLE("RepositoryUnreachable"),
    REPOSITORY_DAMAGED("RepositoryDamaged"),
    DISK_FULL("DiskFull"),
    SOURCE_UNREADABLE("SourceUnreadable"),
    NO_SUCH_SNAPSHOT("NoSuchSnapshot"),
    NOT_VERIFIED("NotVerified"),
    INTERRUPTED("Interrupted"),
    BACKUP_FAILED("BackupFailed");

    private final String text;

    Reason(String text) {
      this.text = text;
    }

    /** Returns the reason as written in conditions and events. */
    public String text() {
      return text;
    }
  }

  public BackupException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public BackupException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
