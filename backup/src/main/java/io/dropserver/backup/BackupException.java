package io.dropserver.backup;

/** A backup or a restore that failed; the message says what, where, and what to do. */
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

    /** As conditions and events write it. */
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
