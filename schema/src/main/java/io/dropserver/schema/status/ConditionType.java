package io.dropserver.schema.status;

/** Types of conditions. Their texts are stable, like those of {@link Reason}. */
public enum ConditionType {
  READY("Ready"),
  ISOLATED("Isolated"),
  STALLED("Stalled"),
  SANDBOX_FAILING("SandboxFailing"),
  CPU_THROTTLED("CpuThrottled"),
  PROCESS_LIMIT_REACHED("ProcessLimitReached"),
  STORAGE_FULL("StorageFull"),
  STORAGE_READ_ONLY("StorageReadOnly"),
  BACKED_UP("BackedUp"),
  SECRET_MISSING("SecretMissing"),
  KEPT("Kept"),
  DATA_IN_BACKUP("DataInBackup"),
  SOURCE_FAILING("SourceFailing"),
  REVISION_REFUSED("RevisionRefused"),
  SUSPENDED("Suspended"),
  CERTIFICATE_INVALID("CertificateInvalid"),
  CERTIFICATE_EXPIRING("CertificateExpiring"),
  CERTIFICATE_MISSING("CertificateMissing"),
  DATABASE_REBUILT("DatabaseRebuilt"),
  OFF_MACHINE("OffMachine"),
  DISK_LOW("DiskLow"),
  NOTIFICATIONS_FAILING("NotificationsFailing"),
  REPOSITORY_CHECKED("RepositoryChecked"),
  DELETION_WAITS("DeletionWaits"),
  APPROVALS_WAITING("ApprovalsWaiting");

  private final String text;

  ConditionType(String text) {
    this.text = text;
  }

  /** Returns one word in UpperCamelCase, such as {@code DataAssigned}. */
  public String text() {
    return text;
  }
}
