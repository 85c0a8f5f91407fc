package io.dropserver.reconciler.status;

import java.util.Set;

/**
 * Types and reasons of the conditions that the reconciler sets itself. Reasons of installations and
 * starts come from the sandbox. Each has a paragraph in {@code docs/conditions.md}, which a test
 * checks.
 */
public final class Reasons {
  /** Condition types. */
  public static final String READY = "Ready";

  public static final String ISOLATED = "Isolated";
  public static final String CPU_THROTTLED = "CpuThrottled";
  public static final String PROCESS_LIMIT_REACHED = "ProcessLimitReached";
  public static final String STORAGE_FULL = "StorageFull";
  public static final String STORAGE_READ_ONLY = "StorageReadOnly";
  public static final String STALLED = "Stalled";
  public static final String SANDBOX_FAILING = "SandboxFailing";
  public static final String SECRET_MISSING = "SecretMissing";
  public static final String KEPT = "Kept";
  public static final String SOURCE = "SourceFailing";
  public static final String REVISION_REFUSED = "RevisionRefused";
  public static final String SUSPENDED = "Suspended";
  public static final String DATABASE_REBUILT = "DatabaseRebuilt";
  public static final String APPROVALS_WAITING = "ApprovalsWaiting";
  public static final String CERTIFICATE_INVALID = "CertificateInvalid";
  public static final String CERTIFICATE_EXPIRING = "CertificateExpiring";
  public static final String CERTIFICATE_MISSING = "CertificateMissing";
  public static final String DISK_LOW = "DiskLow";
  public static final String NOTIFICATIONS_FAILING = "NotificationsFailing";

  /**
   * Reasons of {@code Ready} and of the negative types above, unless another module defines them.
   */
  public static final String APPLIED = "Applied";

  public static final String SERVING = "Serving";
  public static final String PREPARING = "Preparing";
  public static final String PAUSED = "Paused";
  public static final String HELD_BY_OPERATOR = "HeldByOperator";
  public static final String DATA_RETAINED = "DataRetained";
  public static final String ALL_LAYERS = "AllLayers";
  public static final String LIMIT_REACHED = "LimitReached";
  public static final String WEAKER = "Weaker";
  public static final String ISOLATION_UNAVAILABLE = "IsolationUnavailable";
  public static final String CONVERGE_FAILED = "ConvergeFailed";
  public static final String ORIGIN_MISSING = "OriginMissing";
  public static final String NOT_SET = "NotSet";
  public static final String PRUNE_OFF = "PruneOff";
  public static final String REVISION_INVALID = "RevisionInvalid";
  public static final String SOURCE_EMPTIED = "SourceEmpty";
  public static final String SOURCE_FAILED = "SourceFailed";
  public static final String BY_OPERATOR = "ByOperator";
  public static final String NOT_WRITTEN = "NotWritten";
  public static final String FILES_INVALID = "FilesInvalid";
  public static final String NOT_RENEWED = "NotRenewed";
  public static final String NOT_ISSUED = "NotIssued";
  public static final String IO_ERROR = "IoError";
  public static final String DISK_FULL = "DiskFull";
  public static final String ALMOST_FULL = "AlmostFull";
  public static final String NOT_DELIVERED = "NotDelivered";
  public static final String DAMAGED_OR_MISSING = "DamagedOrMissing";

  /** Reasons why an upgrade was rolled back. None of these upgrades is retried automatically. */
  public static final String MIGRATION_FAILED = "MigrationFailed";

  public static final String MIGRATION_TIMEOUT = "MigrationTimeout";
  public static final String HEALTH_CHECK_FAILED = "HealthCheckFailed";
  public static final String RESTORE_NEEDED = "RestoreNeeded";
  public static final String UPGRADE_FAILED = "UpgradeFailed";

  public static final Set<String> OF_UPGRADES =
      Set.of(
          MIGRATION_FAILED, MIGRATION_TIMEOUT, HEALTH_CHECK_FAILED, RESTORE_NEEDED, UPGRADE_FAILED);

  private Reasons() {}
}
