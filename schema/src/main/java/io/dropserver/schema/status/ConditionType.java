package io.dropserver.schema.status;

/** Types of conditions. Their texts are stable, like those of {@link Reason}. */
public enum ConditionType {
  READY,
  ISOLATED,
  STALLED,
  SANDBOX_FAILING,
  CPU_THROTTLED,
  PROCESS_LIMIT_REACHED,
  STORAGE_FULL,
  STORAGE_READ_ONLY,
  BACKED_UP,

  /** One for each further repository. The message begins with its name and a colon. */
  REPOSITORY_BACKED_UP,
  SECRET_MISSING,
  GRANT_ENDING,

  /** A custom host does not lead to this server. */
  HOST_NOT_VERIFIED,
  JOB_FAILING,
  KEPT_AWAKE,
  KEPT,
  DATA_IN_BACKUP,
  UPDATE_OFFERED,
  UPDATE_FAILED,
  SOURCE_FAILING,
  REVISION_REFUSED,
  SUSPENDED,
  CERTIFICATE_INVALID,
  CERTIFICATE_EXPIRING,
  CERTIFICATE_MISSING,
  LOGIN_PROVIDER_FAILING,
  SANDBOXES_UNAVAILABLE,

  /** The configuration asks for swap, which this machine cannot provide to sandboxes. */
  SWAP_UNAVAILABLE,
  DATABASE_REBUILT,
  OFF_MACHINE,
  DISK_LOW,
  NOTIFICATIONS_FAILING,
  USER_NOTIFICATIONS_FAILING,
  REPOSITORY_CHECKED,
  DELETION_WAITS,
  APPROVALS_WAITING;

  /** Returns one word in UpperCamelCase, such as {@code SandboxFailing}. */
  public String text() {
    return Reason.word(name());
  }
}
