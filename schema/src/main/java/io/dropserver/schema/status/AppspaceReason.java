package io.dropserver.schema.status;

/** Reasons of the conditions that the reconciler sets on an appspace. */
public enum AppspaceReason implements Reason {
  SERVING("Serving", Retry.WAITING),

  /** The app is being installed for the first time. */
  PREPARING("Preparing", Retry.WAITING),
  PAUSED("Paused", Retry.WAITING),
  HELD_BY_OPERATOR("HeldByOperator", Retry.WAITING),

  /** Data of an earlier appspace of this name belongs to another app or owner. */
  DATA_RETAINED("DataRetained", Retry.STALLED),

  /** The app's files cannot be found. */
  ORIGIN_MISSING("OriginMissing", Retry.RETRY),

  /** An operation on this machine failed. */
  CONVERGE_FAILED("ConvergeFailed", Retry.RETRY),
  MIGRATION_FAILED("MigrationFailed", Retry.STALLED),
  MIGRATION_TIMEOUT("MigrationTimeout", Retry.STALLED),
  HEALTH_CHECK_FAILED("HealthCheckFailed", Retry.STALLED),
  RESTORE_NEEDED("RestoreNeeded", Retry.STALLED),
  UPGRADE_FAILED("UpgradeFailed", Retry.STALLED),
  ALL_LAYERS("AllLayers", Retry.WAITING),
  WEAKER("Weaker", Retry.WAITING),
  LIMIT_REACHED("LimitReached", Retry.WAITING),

  /** The disk of the server is full: the app cannot store more. */
  DISK_FULL("DiskFull", Retry.WAITING),

  /** The volume became read-only. */
  IO_ERROR("IoError", Retry.RETRY),

  /** A whitelist names a secret that has no value. */
  NOT_SET("NotSet", Retry.WAITING);

  private final String text;
  private final Retry retry;

  AppspaceReason(String text, Retry retry) {
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
