package io.dropserver.backup;

import io.dropserver.state.condition.BackupReason;

/** A backup or a restore has failed. The message contains the problem, the place and the remedy. */
public class BackupException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final BackupReason reason;

  public BackupException(BackupReason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public BackupException(BackupReason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public BackupReason reason() {
    return reason;
  }
}
