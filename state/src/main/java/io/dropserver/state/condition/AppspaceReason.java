package io.dropserver.state.condition;

/** Reasons of the conditions that the reconciler sets on an appspace. */
public enum AppspaceReason implements Reason {
  SERVING(Retry.WAITING),

  /** The app is being installed for the first time. */
  PREPARING(Retry.WAITING),

  /** The server has read no revision since it started. */
  REVISION_MISSING(Retry.WAITING),
  PAUSED(Retry.WAITING),
  HELD_BY_OPERATOR(Retry.WAITING),

  /** Data of an earlier appspace of this name belongs to another app or owner. */
  DATA_RETAINED(Retry.STALLED),

  /** The app's files cannot be found. */
  ORIGIN_MISSING(Retry.RETRY),

  /** An operation on this machine failed. */
  CONVERGE_FAILED(Retry.RETRY),
  MIGRATION_FAILED(Retry.STALLED),
  MIGRATION_TIMEOUT(Retry.STALLED),
  HEALTH_CHECK_FAILED(Retry.STALLED),
  RESTORE_NEEDED(Retry.STALLED),
  UPGRADE_FAILED(Retry.STALLED),
  ALL_LAYERS(Retry.WAITING),
  WEAKER(Retry.WAITING),
  LIMIT_REACHED(Retry.WAITING),

  /** The disk of the server is full: the app cannot store more. */
  DISK_FULL(Retry.WAITING),

  /** The volume became read-only. */
  IO_ERROR(Retry.RETRY),

  /** The app asked to stay awake for its work. */
  APP_WORKING(Retry.WAITING),

  /** The appspace has no idle timeout. */
  NEVER_IDLE(Retry.WAITING),

  /** The last run of a job failed; the job runs again at its next time. */
  JOB_FAILED(Retry.WAITING),

  /** The settings of an appspace name a job that its app does not declare. */
  UNKNOWN_JOB(Retry.WAITING),

  /** An entry of a whitelist ends within a week. */
  ENDS_SOON(Retry.WAITING),

  /** A custom host has no address. */
  HOST_NOT_FOUND(Retry.RETRY),

  /** No server answers at the address of a custom host, or the address may not be requested. */
  HOST_UNREACHABLE(Retry.RETRY),

  /** Another server answers at the address of a custom host. */
  LEADS_ELSEWHERE(Retry.RETRY),

  /** A custom host waits, because many new ones came into service within a week. */
  TOO_MANY_NEW_HOSTS(Retry.WAITING),

  /** A whitelist names a secret that has no value. */
  NOT_SET(Retry.WAITING);

  private final Retry retry;

  AppspaceReason(Retry retry) {
    this.retry = retry;
  }

  @Override
  public Retry retry() {
    return retry;
  }
}
